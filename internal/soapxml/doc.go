// Package soapxml reads SOAP answers: byte by byte, without reflection and without an allocation per element.
//
// It is the only code on the hot path that reads XML. [Scanner] pulls the tokens of a document, [Parse] and [Body] build
// [Elements] from them, a flat list that owns its strings. Names are local names: a prefix says nothing that vCenter's
// answers need, with the one exception of xsi:type, which is told from the plain attribute `type` of a
// ManagedObjectReference.
//
// A document is taken whole or not at all. It must be well-formed as encoding/xml judges in strict mode, and beyond that
// have one root element, nothing but white space, comments and instructions around it, no attribute twice and no
// DOCTYPE. A body that was cut is an error wherever it was cut, and [IsTruncated] tells that from a body that is wrong.
package soapxml
