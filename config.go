package vcenterstreamreceiver

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// Config is what a user writes under receivers::vcenter_stream. One instance reads one vCenter.
type Config struct {
	// Endpoint is the address of the vCenter, http or https; "/sdk" is assumed when the path is empty.
	Endpoint string `mapstructure:"endpoint"`
	// Name is a human name for this vCenter; the endpoint's host where it is empty.
	Name string `mapstructure:"name"`
	// Username needs no more than the Read-Only role at the root of the inventory.
	Username string `mapstructure:"username"`
	// Password, or PasswordFile.
	Password configopaque.String `mapstructure:"password"`
	// PasswordFile is read again at every login, so that a rotated secret needs no restart.
	PasswordFile string `mapstructure:"password_file"`
	// TLS is how the vCenter's certificate is judged.
	TLS configtls.ClientConfig `mapstructure:"tls"`
	// APITimeout bounds one API call; a long poll may last Wait longer.
	APITimeout time.Duration `mapstructure:"api_timeout"`
	// Wait is the longest long poll.
	Wait time.Duration `mapstructure:"wait"`
	// Storage is the storage extension that keeps the position. Without it there is no resume.
	Storage *component.ID `mapstructure:"storage"`
	// RetryOnFailure is how a batch that the pipeline refused is sent again; past MaxElapsedTime what is left of it is put
	// into dead letters. 0: for ever.
	RetryOnFailure configretry.BackOffConfig `mapstructure:"retry_on_failure"`
	// OnPermanentError is "hold" or "drop".
	OnPermanentError string `mapstructure:"on_permanent_error"`
	// Operators are stanza operators that change records before they are sent.
	Operators []OperatorConfig `mapstructure:"operators"`
	// Events is how the event history is read.
	Events EventsConfig `mapstructure:"events"`
	// Inventory is what is told of the inventory.
	Inventory InventoryConfig `mapstructure:"inventory"`

	// ControllerConfig is when metrics are collected.
	scraperhelper.ControllerConfig `mapstructure:",squash"`
	// MetricsBuilderConfig is which metrics there are, and what their resources say.
	metadata.MetricsBuilderConfig `mapstructure:",squash"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// EventsConfig is how the event history is read.
type EventsConfig struct {
	// StartAt is "end" or "beginning"; it counts only where there is no stored position.
	StartAt string `mapstructure:"start_at"`
	// Lookback begins a start at the end this much earlier, by vCenter's clock.
	Lookback time.Duration `mapstructure:"lookback"`
	// Position names the stored position: a new name starts over.
	Position string `mapstructure:"position"`
	// Overlap is how far back a resume reads again to find events that were inserted late.
	Overlap time.Duration `mapstructure:"overlap"`
	// PageSize is the most events of one read: 1 to 1000.
	PageSize int `mapstructure:"page_size"`
	// PollInterval is the longest wait for new events without a notification from vCenter.
	PollInterval time.Duration `mapstructure:"poll_interval"`
	// MaxAge leaves out events that are older, by vCenter's clock; zero is no limit.
	MaxAge time.Duration `mapstructure:"max_age"`
	// Enrich adds what the inventory knows of the objects that events name.
	Enrich bool `mapstructure:"enrich"`
	// Filter says which events are wanted.
	Filter FilterConfig `mapstructure:"filter"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// InventoryConfig is what is told of the inventory.
type InventoryConfig struct {
	// Changes of properties are delivered as logs.
	Changes bool `mapstructure:"changes"`
	// ExcludeProperties are names of properties, or patterns of them, whose changes are no news.
	ExcludeProperties []string `mapstructure:"exclude_properties"`
	// Include are rules for the objects that have metrics, and whose changes are delivered; none: all of them.
	Include []SelectionRule `mapstructure:"include"`
	// Exclude are rules for those that have none, whatever else holds.
	Exclude []SelectionRule `mapstructure:"exclude"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// SelectionRule is a set of conditions that must all hold for an object.
type SelectionRule struct {
	// Paths are globs over inventory paths, and stand for what is below them, too.
	Paths []string `mapstructure:"paths"`
	// Types are those of objects, such as VirtualMachine.
	Types []string `mapstructure:"types"`
	// Tags are globs over category:name.
	Tags []string `mapstructure:"tags"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// FilterConfig says which events are wanted: lists are alternatives, keys must all hold, and what is excluded is not
// wanted whatever else holds.
type FilterConfig struct {
	// Types are type IDs or globs over them, with or without "vim.event.". An ID stands for its subclasses, too.
	Types        []string `mapstructure:"types"`
	ExcludeTypes []string `mapstructure:"exclude_types"`
	// Categories are info, warning, error and user.
	Categories []string `mapstructure:"categories"`
	// Users are compared exactly, ignoring case.
	Users        []string `mapstructure:"users"`
	ExcludeUsers []string `mapstructure:"exclude_users"`
	// Entities is at most one inventory path or reference, with everything below it.
	Entities []string `mapstructure:"entities"`
	// Exclude are rules of several conditions, all of which must hold.
	Exclude []FilterRule `mapstructure:"exclude"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// FilterRule is a set of conditions that must all hold.
type FilterRule struct {
	Types      []string `mapstructure:"types"`
	Categories []string `mapstructure:"categories"`
	Users      []string `mapstructure:"users"`

	// prevent unkeyed literal initialization
	_ struct{}
}

const (
	startAtEnd       = "end"
	startAtBeginning = "beginning"

	onErrorHold = "hold"
	onErrorDrop = "drop"

	maxPageSize = 1000 // what a vCenter returns at most for one read

	// maxWait is well below the 30 minutes without a call after which a vCenter ends a session: a long poll that is on its way need not
	// count as one.
	maxWait = 10 * time.Minute
)

func createDefaultConfig() component.Config {
	return &Config{
		TLS:              configtls.NewDefaultClientConfig(),
		APITimeout:       time.Minute,
		Wait:             30 * time.Second,
		RetryOnFailure:   defaultBackOff(),
		OnPermanentError: onErrorHold,
		Events: EventsConfig{
			StartAt:      startAtEnd,
			Overlap:      10 * time.Minute,
			PageSize:     maxPageSize,
			PollInterval: 10 * time.Second,
			Enrich:       true,
		},
		Inventory:            InventoryConfig{Changes: true},
		ControllerConfig:     scraperhelper.NewDefaultControllerConfig(),
		MetricsBuilderConfig: metadata.NewDefaultMetricsBuilderConfig(),
	}
}

// defaultBackOff starts at a second, for the next processor may only be short of memory for a moment,
// and never gives a batch up: vCenter's own history is the buffer.
func defaultBackOff() configretry.BackOffConfig {
	backOff := configretry.NewDefaultBackOffConfig()
	backOff.InitialInterval = time.Second
	backOff.MaxInterval = 30 * time.Second
	backOff.MaxElapsedTime = 0
	return backOff
}

// Validate rejects what cannot work, naming the key.
func (c *Config) Validate() error {
	endpoint, endpointErr := parseEndpoint(c.Endpoint)
	return errors.Join(endpointErr, c.validateTLS(endpoint), c.validateCredentials(), c.validateTimes(), c.validateRetry(), operators.Validate(c.operators()))
}

// validateTLS refuses a word that elsewhere means "no TLS", and is easily taken for "trust anyone"; and keys that nobody could try.
func (c *Config) validateTLS(endpoint *url.URL) error {
	switch {
	case c.TLS.Insecure && endpoint != nil && endpoint.Scheme == "https":
		return errors.New("tls::insecure: true means no TLS, but endpoint begins with https:// (to trust any certificate, set tls::insecure_skip_verify)")
	case c.TLS.TPMConfig != configtls.TPMConfig{}:
		return errors.New("tls::tpm: a key that is kept by a TPM is not supported: it must be in tls::key_file or tls::key_pem")
	}
	return nil
}

func (c *Config) validateCredentials() error {
	switch {
	case c.Username == "":
		return errors.New("username: required")
	case c.Password == "" && c.PasswordFile == "":
		return errors.New("password: required (or password_file)")
	case c.Password != "" && c.PasswordFile != "":
		return errors.New("password: cannot be set together with password_file")
	}
	return nil
}

func (c *Config) validateTimes() error {
	return errors.Join(
		atLeast("api_timeout", c.APITimeout, 100*time.Millisecond),
		atLeast("wait", c.Wait, time.Second), // WaitOptions.maxWaitSeconds is in whole seconds
		atMost("wait", c.Wait, maxWait),
		atLeast("collection_interval", c.CollectionInterval, 10*time.Millisecond),
		atLeast("initial_delay", c.InitialDelay, 0),
	)
}

func (c *Config) validateRetry() error {
	switch {
	case !c.RetryOnFailure.Enabled:
		return errors.New("retry_on_failure::enabled: cannot be false: a refused batch is sent again, or it would be lost")
	case c.RetryOnFailure.InitialInterval <= 0:
		return errors.New("retry_on_failure::initial_interval: must be positive")
	case c.RetryOnFailure.MaxInterval < c.RetryOnFailure.InitialInterval:
		return errors.New("retry_on_failure::max_interval: must not be less than initial_interval")
	case math.IsNaN(c.RetryOnFailure.Multiplier) || c.RetryOnFailure.Multiplier < 1:
		return errors.New("retry_on_failure::multiplier: must be at least 1")
	case math.IsNaN(c.RetryOnFailure.RandomizationFactor):
		return errors.New("retry_on_failure::randomization_factor: must be within 0 and 1")
	case c.OnPermanentError != onErrorHold && c.OnPermanentError != onErrorDrop:
		return fmt.Errorf("on_permanent_error: %q is neither %q nor %q", c.OnPermanentError, onErrorHold, onErrorDrop)
	}
	return nil
}

// positionName keeps a name usable as part of a storage key, whatever the storage is.
var positionName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,64}$`)

// Validate rejects what cannot work, naming the key.
func (e *EventsConfig) Validate() error {
	return errors.Join(
		e.validateStart(),
		atLeast("overlap", e.Overlap, time.Second),
		atLeast("poll_interval", e.PollInterval, 10*time.Millisecond),
		e.validatePageSize(),
		e.validateMaxAge(),
	)
}

func (e *EventsConfig) validateStart() error {
	switch {
	case e.StartAt != startAtEnd && e.StartAt != startAtBeginning:
		return fmt.Errorf("start_at: %q is neither %q nor %q", e.StartAt, startAtEnd, startAtBeginning)
	case e.Lookback < 0:
		return fmt.Errorf("lookback: %s is negative", e.Lookback)
	case e.Lookback > 0 && e.StartAt == startAtBeginning:
		return errors.New("lookback: has no meaning with start_at: beginning")
	case !positionName.MatchString(e.Position):
		return fmt.Errorf("position: %q is no name of at most 64 letters, digits, dots, dashes and underscores", e.Position)
	case e.Position == "part":
		return errors.New("position: \"part\" is taken: it is where the storage keeps the parts of a record")
	}
	return nil
}

func (e *EventsConfig) validateMaxAge() error {
	switch {
	case e.MaxAge == 0:
		return nil
	case e.MaxAge < e.Overlap:
		return fmt.Errorf("max_age: %s is less than overlap, %s", e.MaxAge, e.Overlap)
	case e.Lookback >= e.MaxAge:
		return fmt.Errorf("max_age: %s is not more than lookback, %s", e.MaxAge, e.Lookback)
	}
	return nil
}

// Validate rejects what cannot work, naming the key.
func (i *InventoryConfig) Validate() error {
	if len(i.ExcludeProperties) > 0 && !i.Changes {
		return errors.New("exclude_properties: has no meaning with changes: false")
	}
	_, err := i.tracking()
	_, wrong := i.selection()
	return errors.Join(err, wrong)
}

func (i *InventoryConfig) selection() (*inventory.Selection, error) {
	return inventory.NewSelection(selectionRules(i.Include), selectionRules(i.Exclude))
}

func selectionRules(configured []SelectionRule) []inventory.SelectionRule {
	rules := make([]inventory.SelectionRule, len(configured))
	for i, r := range configured {
		rules[i] = inventory.SelectionRule{Paths: r.Paths, Types: r.Types, Tags: r.Tags}
	}
	return rules
}

func (i *InventoryConfig) tracking() (*inventory.Tracking, error) {
	tracking, err := inventory.NewTracking(i.ExcludeProperties)
	if err != nil {
		return nil, fmt.Errorf("exclude_properties: %w", err)
	}
	return tracking, nil
}

// Validate rejects what cannot work, naming the key.
func (f *FilterConfig) Validate() error {
	_, err := f.compile()
	return err
}

func (f *FilterConfig) compile() (*event.Filter, error) {
	rules := make([]event.Rule, len(f.Exclude))
	for i, r := range f.Exclude {
		rules[i] = event.Rule{Types: r.Types, Categories: r.Categories, Users: r.Users}
	}
	return event.NewFilter(event.FilterSettings{
		Types:        f.Types,
		ExcludeTypes: f.ExcludeTypes,
		Categories:   f.Categories,
		Users:        f.Users,
		ExcludeUsers: f.ExcludeUsers,
		Entities:     f.Entities,
		Exclude:      rules,
	})
}

func (e *EventsConfig) validatePageSize() error {
	if e.PageSize < 1 || e.PageSize > maxPageSize {
		return fmt.Errorf("page_size: %d is not between 1 and %d", e.PageSize, maxPageSize)
	}
	return nil
}

func atLeast(key string, d, least time.Duration) error {
	if d < least {
		return fmt.Errorf("%s: %s is less than %s", key, d, least)
	}
	return nil
}

func atMost(key string, d, most time.Duration) error {
	if d > most {
		return fmt.Errorf("%s: %s is more than %s", key, d, most)
	}
	return nil
}

// parseEndpoint checks an endpoint without repeating a password that it may contain.
func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return nil, errors.New("endpoint: required, such as https://vcenter.example.com")
	case err != nil:
		return nil, errors.New("endpoint: not a URL such as https://vcenter.example.com")
	case u.User != nil:
		return nil, errors.New("endpoint: must not contain a user name or a password: they belong under username and password")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("endpoint: %q must begin with https:// or http://", endpoint)
	case u.Hostname() == "":
		return nil, fmt.Errorf("endpoint: %q has no host", endpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/sdk"
	}
	return u, nil
}

// settings is the receiver's view of a valid configuration.
func (c *Config) settings() (vcreceiver.Settings, error) {
	endpoint, err := parseEndpoint(c.Endpoint)
	if err != nil {
		return vcreceiver.Settings{}, err
	}
	filter, err := c.Events.Filter.compile()
	if err != nil {
		return vcreceiver.Settings{}, err
	}
	tracking, err := c.Inventory.tracking()
	if err != nil {
		return vcreceiver.Settings{}, err
	}
	selection, err := c.Inventory.selection()
	if err != nil {
		return vcreceiver.Settings{}, err
	}
	name := c.Name
	if name == "" {
		name = endpoint.Hostname()
	}
	return vcreceiver.Settings{
		Endpoint:   endpoint,
		Name:       name,
		Username:   c.Username,
		Password:   c.password(),
		TLS:        c.TLS,
		APITimeout: c.APITimeout,
		Wait:       c.Wait,
		Storage:    c.Storage,
		BackOff:    c.RetryOnFailure,
		Drop:       c.OnPermanentError == onErrorDrop,
		Operators:  c.operators(),
		Events: vcreceiver.EventSettings{
			Beginning:    c.Events.StartAt == startAtBeginning,
			Lookback:     c.Events.Lookback,
			Position:     c.Events.Position,
			Overlap:      c.Events.Overlap,
			PageSize:     c.Events.PageSize,
			PollInterval: c.Events.PollInterval,
			MaxAge:       c.Events.MaxAge,
			Filter:       filter,
			Enrich:       c.Events.Enrich,
		},
		Inventory: vcreceiver.InventorySettings{Changes: c.Inventory.Changes, Tracking: tracking, Selection: selection},
		Metrics:   vcreceiver.MetricSettings{Controller: c.ControllerConfig, Builder: c.MetricsBuilderConfig},
	}, nil
}

func (c *Config) operators() []operators.Config {
	configs := make([]operators.Config, len(c.Operators))
	for i, operator := range c.Operators {
		configs[i] = operator.Config
	}
	return configs
}

func (c *Config) password() func() (string, error) {
	if c.PasswordFile != "" {
		return vsphere.PasswordFile(c.PasswordFile)
	}
	return func() (string, error) { return string(c.Password), nil }
}
