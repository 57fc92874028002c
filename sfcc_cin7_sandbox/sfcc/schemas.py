"""What the import files must look like: the published inventory and price book formats, restated.

Written after the schemas that Salesforce publishes for XML import (inventory 2007-05-31, price
book 2006-10-31). The files come from outside, so that they are read without network, entities or
document types.
"""

from lxml import etree

INVENTORY = "http://www.demandware.com/xml/impex/inventory/2007-05-31"
PRICE_BOOK = "http://www.demandware.com/xml/impex/pricebook/2006-10-31"
XML = "http://www.w3.org/XML/1998/namespace"

_HEAD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{namespace}"
    targetNamespace="{namespace}" elementFormDefault="qualified">
  <xs:simpleType name="id100"><xs:restriction base="xs:string">
    <xs:minLength value="1"/><xs:maxLength value="100"/><xs:pattern value="\\S|(\\S(.*)\\S)"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="id256"><xs:restriction base="xs:string">
    <xs:minLength value="1"/><xs:maxLength value="256"/><xs:pattern value="\\S|(\\S(.*)\\S)"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="text256"><xs:restriction base="xs:string">
    <xs:maxLength value="256"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="text4000"><xs:restriction base="xs:string">
    <xs:maxLength value="4000"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="delete"><xs:restriction base="xs:string">
    <xs:enumeration value="delete"/></xs:restriction></xs:simpleType>
  <xs:complexType name="attributes"><xs:sequence>
    <xs:element name="custom-attribute" minOccurs="0" maxOccurs="unbounded">
      <xs:complexType mixed="true">
        <xs:sequence>
          <xs:element name="value" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence>
        <xs:attribute name="attribute-id" type="id256" use="required"/>
        <xs:anyAttribute namespace="http://www.w3.org/XML/1998/namespace" processContents="skip"/>
      </xs:complexType>
    </xs:element>
  </xs:sequence></xs:complexType>
"""

_INVENTORY = (
    _HEAD.format(namespace=INVENTORY)
    + """
  <xs:simpleType name="amount"><xs:restriction base="xs:decimal">
    <xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="handling"><xs:restriction base="xs:string">
    <xs:enumeration value="none"/><xs:enumeration value="preorder"/>
    <xs:enumeration value="backorder"/></xs:restriction></xs:simpleType>
  <xs:element name="inventory"><xs:complexType><xs:sequence>
    <xs:element name="inventory-list" minOccurs="0" maxOccurs="unbounded">
      <xs:complexType><xs:sequence>
        <xs:element name="header"><xs:complexType>
          <xs:sequence>
            <xs:element name="default-instock" type="xs:boolean"/>
            <xs:element name="description" type="text4000" minOccurs="0"/>
            <xs:element name="use-bundle-inventory-only" type="xs:boolean" minOccurs="0"/>
            <xs:element name="on-order" type="xs:boolean" minOccurs="0"/>
            <xs:element name="custom-attributes" type="attributes" minOccurs="0"/>
          </xs:sequence>
          <xs:attribute name="list-id" type="id256" use="required"/>
          <xs:attribute name="mode" type="delete"/>
        </xs:complexType></xs:element>
        <xs:element name="records" minOccurs="0"><xs:complexType><xs:sequence>
          <xs:element name="record" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
            <xs:sequence>
              <xs:element name="allocation" type="amount" minOccurs="0"/>
              <xs:element name="allocation-timestamp" type="xs:dateTime" minOccurs="0"/>
              <xs:element name="perpetual" type="xs:boolean" minOccurs="0"/>
              <xs:element name="preorder-backorder-handling" type="handling" minOccurs="0"/>
              <xs:element name="preorder-backorder-allocation" type="amount" minOccurs="0"/>
              <xs:element name="in-stock-date" type="xs:date" minOccurs="0"/>
              <xs:element name="in-stock-datetime" type="xs:dateTime" minOccurs="0"/>
              <xs:element name="ats" type="amount" minOccurs="0"/>
              <xs:element name="on-order" type="xs:decimal" minOccurs="0"/>
              <xs:element name="turnover" type="xs:decimal" minOccurs="0"/>
              <xs:element name="custom-attributes" type="attributes" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="product-id" type="id100" use="required"/>
            <xs:attribute name="mode" type="delete"/>
          </xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType>
    </xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
)

_PRICE_BOOK = (
    _HEAD.format(namespace=PRICE_BOOK)
    + """
  <xs:simpleType name="tableMode"><xs:restriction base="xs:string">
    <xs:enumeration value="delete"/><xs:enumeration value="delete-all"/>
  </xs:restriction></xs:simpleType>
  <xs:complexType name="entry"><xs:simpleContent><xs:extension base="xs:decimal">
    <xs:attribute name="quantity" type="xs:decimal"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="localized"><xs:simpleContent><xs:extension base="text4000">
    <xs:anyAttribute namespace="http://www.w3.org/XML/1998/namespace" processContents="skip"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="pricebooks"><xs:complexType><xs:sequence>
    <xs:element name="pricebook" minOccurs="0" maxOccurs="unbounded">
      <xs:complexType><xs:sequence>
        <xs:element name="header"><xs:complexType>
          <xs:sequence>
            <xs:element name="currency"><xs:simpleType><xs:restriction base="xs:string">
              <xs:pattern value="[A-Z]{3}"/></xs:restriction></xs:simpleType></xs:element>
            <xs:element name="display-name" type="localized" minOccurs="0" maxOccurs="unbounded"/>
            <xs:element name="description" type="localized" minOccurs="0" maxOccurs="unbounded"/>
            <xs:element name="online-flag" type="xs:boolean" minOccurs="0"/>
            <xs:element name="online-from" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="online-to" type="xs:dateTime" minOccurs="0"/>
            <xs:element name="parent" type="id256" minOccurs="0"/>
            <xs:element name="feed-based" type="xs:boolean" minOccurs="0"/>
            <xs:element name="custom-attributes" type="attributes" minOccurs="0"/>
          </xs:sequence>
          <xs:attribute name="pricebook-id" type="id256" use="required"/>
          <xs:attribute name="mode" type="delete"/>
        </xs:complexType></xs:element>
        <xs:element name="price-tables" minOccurs="0"><xs:complexType><xs:sequence>
          <xs:element name="price-table" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
            <xs:sequence>
              <xs:element name="online-from" type="xs:dateTime" minOccurs="0"/>
              <xs:element name="online-to" type="xs:dateTime" minOccurs="0"/>
              <xs:choice minOccurs="0" maxOccurs="unbounded">
                <xs:element name="amount" type="entry"/>
                <xs:element name="percentage" type="entry"/>
              </xs:choice>
              <xs:element name="price-info" type="text256" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="product-id" type="id100" use="required"/>
            <xs:attribute name="mode" type="tableMode"/>
          </xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType>
    </xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
)

_SCHEMAS = {
    namespace: etree.XMLSchema(etree.fromstring(text.encode()))
    for namespace, text in ((INVENTORY, _INVENTORY), (PRICE_BOOK, _PRICE_BOOK))
}


class Malformed(ValueError):
    """The file is no XML, or not of the format; nothing of it is imported."""


def parse(content: bytes, namespace: str) -> etree._Element:
    """The root element of a valid file. Raises Malformed."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
        if root.getroottree().docinfo.internalDTD is not None:
            raise Malformed("The file has a document type.")
        _SCHEMAS[namespace].assertValid(root)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"The file is not well-formed: {error}") from None
    except etree.DocumentInvalid as error:
        raise Malformed(str(error)) from None
    return root
