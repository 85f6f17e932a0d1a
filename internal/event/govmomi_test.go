package event_test

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// Every event that govmomi knows, every field of it filled, is read as govmomi reads it: no field is lost or altered.
func TestEveryFieldOfEveryEventClassIsKept(t *testing.T) {
	classes := eventClasses(t)
	require.GreaterOrEqual(t, len(classes), 487, "as many as govmomi v0.56.0 knows")
	for _, class := range classes {
		t.Run(class.Name(), func(t *testing.T) {
			filled := reflect.New(class)
			new(filler).fill(filled.Elem(), 0)
			assertReadsAsGovmomi(t, eventtest.Page(filled.Interface().(types.BaseEvent)))
		})
	}
}

func TestTypicalEventsAreReadAsGovmomiReadsThem(t *testing.T) {
	body := eventtest.Answer(1000, 7)
	assertReadsAsGovmomi(t, body)
	assert.InDelta(t, 1150, len(body)/1000, 50, "bytes an event")
	assert.Equal(t, body, eventtest.Answer(1000, 7))
	assert.NotEqual(t, body, eventtest.Answer(1000, 8))
}

func assertReadsAsGovmomi(t *testing.T, body []byte) {
	t.Helper()
	want, err := eventtest.GovmomiDecode(body)
	require.NoError(t, err)
	require.NotContains(t, want, types.BaseEvent(nil))
	got, err := event.Decode(body)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i := range want {
		tree := elements("returnval", reflect.ValueOf(&want[i]).Elem(), true)
		base := want[i].GetEvent()
		require.Equal(t, tree[0].Type, got[i].Class)
		require.Equal(t, tree[1:], got[i].Fields)
		require.True(t, got[i].Keyed && got[i].Timed)
		require.Equal(t, base.Key, got[i].Key)
		require.Equal(t, base.ChainId, got[i].ChainID)
		require.Equal(t, base.CreatedTime, got[i].Created)
		require.Equal(t, base.UserName, got[i].UserName)
		require.Equal(t, base.FullFormattedMessage, got[i].Message)
	}
}

// eventClasses returns the event types among those that govmomi registers, by their names in its source.
func eventClasses(t *testing.T) (classes []reflect.Type) {
	t.Helper()
	source, err := build.Import("github.com/vmware/govmomi/vim25/types", ".", build.FindOnly)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(source.Dir, "*.go"))
	require.NoError(t, err)
	lookup := types.TypeFunc()
	base := reflect.TypeFor[types.BaseEvent]()
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?m)^\tt\["(\w+)"\]`).FindAllSubmatch(text, -1) {
			class, ok := lookup(string(match[1]))
			if ok && reflect.PointerTo(class).Implements(base) {
				classes = append(classes, class)
			}
		}
	}
	return slices.Compact(classes)
}

// deepest is how deep optional fields are filled: TaskInfo holds a LocalizedMethodFault, which holds another, and so on.
const deepest = 6

// filler gives every field a value of its own.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value, depth int) {
	f.n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s %d <&\"größe\"\n'>", v.Type().Name(), f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(-f.n))
	case reflect.Int16, reflect.Int8:
		v.SetInt(int64(f.n%100 + 1))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(f.n%26 + 'A')) // govmomi writes a []byte as text
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.n) + 0.25)
	case reflect.Struct:
		f.fillStruct(v, depth)
	default:
		if depth < deepest {
			f.fillBelow(v, depth+1)
		}
	}
}

func (f *filler) fillStruct(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 11, 2, 8, 0, 0, f.n*1000, time.UTC)))
		return
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Name != "ServerGUID" { // of linked vCenters; an Element has no place for it
			f.fill(v.Field(i), depth)
		}
	}
}

func (f *filler) fillBelow(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), depth)
		f.fill(v.Index(1), depth)
	case reflect.Interface:
		v.Set(f.implementation(v.Type(), depth))
	default:
		panic("fill a " + v.Type().String())
	}
}

// implementation makes a value for an interface: of BaseOption an *Option, of anyType one of several.
func (f *filler) implementation(face reflect.Type, depth int) reflect.Value {
	kind, ok := types.TypeFunc()(strings.TrimPrefix(face.Name(), "Base"))
	if !ok {
		kind = []reflect.Type{
			reflect.TypeFor[string](), reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[bool](),
			reflect.TypeFor[time.Time](), reflect.TypeFor[types.KeyAnyValue](), reflect.TypeFor[types.ManagedObjectReference](),
		}[f.n%7]
	}
	made := reflect.New(kind)
	f.fill(made.Elem(), depth)
	if face.NumMethod() == 0 {
		return made.Elem()
	}
	return made
}

// elements writes a value of govmomi's as the elements that vcsim writes for it.
func elements(name string, v reflect.Value, typed bool) soapxml.Elements {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	e := soapxml.Element{Name: name, Span: 1}
	if typed {
		e.Type = schemaType(v.Type())
	}
	switch v.Kind() {
	case reflect.Slice:
		if v.Type() != reflect.TypeFor[[]byte]() {
			return siblings(name, v, typed)
		}
		e.Text = string(v.Bytes())
		return soapxml.Elements{e}
	case reflect.Struct:
		return structure(e, v)
	}
	e.Text = scalar(v)
	return soapxml.Elements{e}
}

// siblings are what an array is written as; a []byte is none.
func siblings(name string, v reflect.Value, typed bool) (all soapxml.Elements) {
	for i := range v.Len() {
		item := v.Index(i)
		if v.Type() == reflect.TypeFor[types.ByteSlice]() {
			item = reflect.ValueOf(int8(item.Uint()))
		}
		all = append(all, elements(name, item, typed)...)
	}
	return all
}

func structure(e soapxml.Element, v reflect.Value) soapxml.Elements {
	switch value := v.Interface().(type) {
	case time.Time:
		e.Text = value.Format(time.RFC3339Nano)
		return soapxml.Elements{e}
	case types.ManagedObjectReference:
		e.Ref, e.Text = value.Type, value.Value
		return soapxml.Elements{e}
	}
	all := append(soapxml.Elements{e}, fields(v)...)
	all[0].Span = len(all)
	return all
}

func fields(v reflect.Value) (all soapxml.Elements) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			all = append(all, fields(v.Field(i))...)
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("xml"), ",")
		if strings.Contains(options, "omitempty") && v.Field(i).IsZero() {
			continue
		}
		all = append(all, elements(name, v.Field(i), strings.Contains(options, "typeattr"))...)
	}
	return all
}

func scalar(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.String:
		return v.String()
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return strconv.FormatUint(v.Uint(), 10)
	}
	return strconv.FormatInt(v.Int(), 10)
}

// schemaType is what vcsim says of a value in xsi:type.
func schemaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int32:
		return "int"
	case reflect.Int64:
		return "long"
	}
	if t == reflect.TypeFor[time.Time]() {
		return "dateTime"
	}
	return t.Name()
}
