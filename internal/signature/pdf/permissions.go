package pdf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// What a certification permits (ISO 32000-1 §12.8.2.2, table 254). 0 stands for no certification.
const (
	permitNothing     = 1
	permitFormFilling = 2
)

// A restriction is what a signature forbids those who come after it.
type restriction struct {
	// certified is the least of its DocMDP permissions, and locked the permission in its field's lock (/P,
	// ISO 32000-2 table 236).
	certified, locked int
	// locks are those on fields: FieldMDP (§12.8.2.4) and the field's own (table 233).
	locks []lock
}

// A lock is on all fields, on those that are named, or on all but those.
type lock struct {
	action syntax.Name
	names  []string
}

// forbids returns why something may not be added, nil where it may. Signer and verifier ask it alike.
//
// Validation data, what goes with it, and document time stamps in fields of their own are no changes even where none
// is permitted: so ISO 32000-2 table 257 says, and PAdES (ETSI EN 319 142-1 §5.4, §5.5) prolongs every signature with
// them. Information and metadata show nothing and are written by whoever saves a form that was filled; but where
// nothing may be changed they may not.
func (r restriction) forbids(a additions) error {
	if what := forbidden(r.certified, a); what != "" {
		return fmt.Errorf("%w: %s", ErrCertified, what)
	}
	if what := forbidden(r.locked, a); what != "" {
		return fmt.Errorf("%w: %s", ErrLocked, what)
	}
	for _, lock := range r.locks {
		if i := slices.IndexFunc(a.fields, lock.holds); i >= 0 {
			return fmt.Errorf("%w: field %q", ErrLocked, a.fields[i])
		}
	}
	return nil
}

// forbidden says what of the additions a permission does not allow.
func forbidden(permission int, a additions) string {
	switch {
	case permission == permitNothing && (a.Signatures > 0 || a.Metadata || len(a.fields) > 0):
		return "no change at all"
	case permission == permitFormFilling && a.mark:
		return "no new mark on a page"
	}
	return ""
}

// holds reports whether the field of that full name is locked. A name stands for the fields below it, too.
func (l lock) holds(field string) bool {
	named := slices.ContainsFunc(l.names, func(name string) bool { return field == name || strings.HasPrefix(field, name+".") })
	switch l.action {
	case "All":
		return true
	case "Include":
		return named
	case "Exclude":
		return !named
	}
	return false
}

// restriction reads what a signature dictionary and the field that holds it, nil where none does, forbid.
func (d *document) restriction(signature, field syntax.Dict) (restriction, error) {
	var r restriction
	certifications, err := d.transforms(signature, "DocMDP")
	if err != nil {
		return r, err
	}
	for _, parameters := range certifications {
		permission := permitFormFilling
		if n, ok := parameters["P"].(syntax.Integer); ok && n >= 1 && n <= 3 {
			permission = int(n)
		}
		if r.certified == 0 || permission < r.certified {
			r.certified = permission
		}
	}
	locks, err := d.transforms(signature, "FieldMDP")
	if err != nil {
		return r, err
	}
	own, err := d.Dict(field["Lock"])
	if err != nil {
		return r, err
	}
	if own != nil {
		locks = append(locks, own)
		permission, _ := own["P"].(syntax.Integer)
		r.locked = int(permission)
	}
	for _, parameters := range locks {
		l, err := d.lock(parameters)
		if err != nil {
			return r, err
		}
		r.locks = append(r.locks, l)
	}
	return r, nil
}

func (d *document) lock(parameters syntax.Dict) (lock, error) {
	l := lock{}
	l.action, _ = parameters["Action"].(syntax.Name)
	listed, err := d.Array(parameters["Fields"])
	if err != nil {
		return l, err
	}
	for _, o := range listed {
		if name, ok := o.(syntax.String); ok {
			l.names = append(l.names, decodeText(name))
		}
	}
	return l, nil
}

// transforms returns the parameters of a signature's transforms of one kind (§12.8.1, table 253).
func (d *document) transforms(signature syntax.Dict, method syntax.Name) ([]syntax.Dict, error) {
	references, err := d.Array(signature["Reference"])
	if err != nil {
		return nil, err
	}
	var found []syntax.Dict
	for _, o := range references {
		reference, err := d.Dict(o)
		if err != nil {
			return nil, err
		}
		if reference["TransformMethod"] != method {
			continue
		}
		parameters, err := d.Dict(reference["TransformParams"])
		if err != nil {
			return nil, err
		}
		found = append(found, parameters)
	}
	return found, nil
}

// checkPermissions refuses what the document forbids its next signer: a form whose fields stand
// elsewhere, a certification, and locks. The new field would be called name and be visible or not.
func (d *document) checkPermissions(name string, visible bool) error {
	if d.form["XFA"] != nil {
		return ErrXFA
	}
	fields, err := d.signatureFields()
	if err != nil {
		return err
	}
	// The certifying signature should be named in the catalog (§12.8.4), where no field may hold it.
	permissions, err := d.Dict(d.catalog["Perms"])
	if err != nil {
		return err
	}
	fields = append(fields, field{name: "DocMDP", value: permissions["DocMDP"]})
	own := additions{Additions: Additions{Signatures: 1}, fields: []string{name}, mark: visible}
	for _, f := range fields {
		signature, err := d.Dict(f.value)
		if err != nil {
			return err
		}
		if signature == nil {
			continue // it locks only once it is signed
		}
		r, err := d.restriction(signature, f.dict)
		if err != nil {
			return err
		}
		if err := r.forbids(own); err != nil {
			return fmt.Errorf("signature %q: %w", f.name, err)
		}
	}
	return nil
}
