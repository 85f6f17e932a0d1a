package receiver

import (
	"context"
	"fmt"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// secure reads the TLS settings and their files. From then on vsphere reads them again: configtls would read only our own
// certificate, and none at all while the files are being written.
func (r *Receiver) secure(ctx context.Context) (vsphere.TLS, error) {
	files := r.settings.TLS
	files.ReloadInterval = 0
	config, err := files.LoadTLSConfig(ctx)
	return vsphere.TLS{
		Config:         config,
		Reload:         files.LoadTLSConfig,
		ReloadInterval: r.settings.TLS.ReloadInterval,
		Authorities:    setting("ca", files.CAFile, files.CAPem != ""),
		Certificate:    setting("cert", files.CertFile, files.CertPem != ""),
	}, err
}

// setting names the one of two settings that a certificate is read from.
func setting(name, file string, inline bool) string {
	switch {
	case file != "":
		return fmt.Sprintf("tls::%s_file (%s)", name, file)
	case inline:
		return fmt.Sprintf("tls::%s_pem", name)
	}
	return ""
}
