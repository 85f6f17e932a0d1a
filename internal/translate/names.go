package translate

import "strings"

// names are those of the attributes of one field.
type names struct {
	value  string // vcenter.event.data.<field>
	name   string // …<field>.name
	moref  string // …<field>.moref
	secret bool   // the field must not leave
}

// dictionary holds the names that one batch has met: a thousand events have about fifty fields between them. It lives no
// longer than its batch, because the keys of an EventEx's arguments are whatever a vendor made of them.
type dictionary map[string]names

func (d dictionary) of(field string) names {
	n, ok := d[field]
	if !ok {
		moref := dataPrefix + field + ".moref"
		n = names{
			value:  moref[:len(dataPrefix)+len(field)],
			name:   dataPrefix + field + ".name",
			moref:  moref,
			secret: isSecret(field),
		}
		d[field] = n
	}
	return n
}

// secrets end the names of fields, arguments and options that open a door: sessionId of a login, password of a host's
// account, RemoteDisplay.vnc.password in a VM's extraConfig.
var secrets = [...]string{"sessionid", "session_id", "sessionkey", "session_key", "password"}

func isSecret(name string) bool {
	for _, s := range secrets {
		if len(name) >= len(s) && strings.EqualFold(name[len(name)-len(s):], s) {
			return true
		}
	}
	return false
}
