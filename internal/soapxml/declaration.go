package soapxml

import (
	"bytes"
	"regexp"
	"strings"
)

// instruction skips `<?target content?>`. The one that is read is the XML declaration, for its encoding.
func (s *Scanner) instruction() error {
	_, end, err := s.readName(s.pos + 2)
	if err != nil {
		return err
	}
	length := bytes.Index(s.body[end:], []byte("?>"))
	if length < 0 {
		return s.truncated()
	}
	if target := string(s.body[s.pos+2 : end]); strings.EqualFold(target, "xml") {
		if target != "xml" || len(bytes.TrimPrefix(s.body[:s.pos], byteOrderMark)) > 0 {
			return s.fail("an XML declaration that is not at the begin")
		}
		if !isHeader(s.body[end : end+length]) {
			return s.fail("an XML declaration of another version or encoding, or malformed")
		}
	}
	s.pos = end + length + 2
	return nil
}

// header is the content of an XML declaration that this package reads.
var header = regexp.MustCompile(`^\s+version\s*=\s*(?:"1\.0"|'1\.0')` +
	`(?:\s+encoding\s*=\s*(?:"(?i:utf-8)"|'(?i:utf-8)'))?` +
	`(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$`)

// isHeader knows the declaration that vCenter and vcsim write, and asks the expression for any other.
func isHeader(content []byte) bool {
	return string(content) == ` version="1.0" encoding="UTF-8"` || header.Match(content)
}

// declaration reads what begins with `<!`: a comment, which is skipped, or CDATA. All else belongs to a DOCTYPE.
func (s *Scanner) declaration() (Kind, error) {
	rest := s.body[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return 0, s.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return Text, s.cdata()
	case bytes.HasPrefix([]byte("<!--"), rest), bytes.HasPrefix([]byte("<![CDATA["), rest):
		return 0, s.truncated()
	}
	return 0, s.fail("a DOCTYPE, or something like it")
}

func (s *Scanner) comment() error {
	from := s.pos + len("<!--")
	length := bytes.Index(s.body[from:], []byte("--"))
	if length < 0 || from+length+2 == len(s.body) {
		return s.truncated()
	}
	if s.body[from+length+2] != '>' {
		return s.fail("-- inside of a comment")
	}
	s.pos = from + length + len("-->")
	return nil
}

func (s *Scanner) cdata() (err error) {
	if s.depth == 0 {
		return s.fail("text outside of the root element")
	}
	from := s.pos + len("<![CDATA[")
	length := bytes.Index(s.body[from:], []byte("]]>"))
	if length < 0 {
		return s.truncated()
	}
	s.unescaped = s.unescaped[:0]
	s.text, s.pos, err = s.unescape(from, from+length, inCDATA)
	s.pos += len("]]>")
	return err
}
