package pdf

import (
	"fmt"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// What a certification permits (ISO 32000-1 §12.8.2.2, table 254). 0 stands for no certification.
const (
	permitNothing     = 1
	permitFormFilling = 2
)

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
	permission, err := d.certification(fields)
	if err != nil {
		return err
	}
	switch {
	case permission == permitNothing:
		return fmt.Errorf("%w: no change at all", ErrCertified)
	case permission == permitFormFilling && visible:
		return fmt.Errorf("%w: no new mark on a page", ErrCertified)
	}
	for _, field := range fields {
		if field.value == nil {
			continue
		}
		if err := d.checkLocks(field, name); err != nil {
			return err
		}
	}
	return nil
}

// certification returns what the certifying signature permits, 0 where there is none. It should be
// named in the catalog (§12.8.4), but one that a field alone holds counts as well.
func (d *document) certification(fields []field) (int, error) {
	permissions, err := d.Dict(d.catalog["Perms"])
	if err != nil {
		return 0, err
	}
	least := 0
	candidates := []syntax.Object{permissions["DocMDP"]}
	for _, f := range fields {
		candidates = append(candidates, f.value)
	}
	for _, o := range candidates {
		signature, err := d.Dict(o)
		if err != nil {
			return 0, err
		}
		permission, err := d.permission(signature)
		if err != nil {
			return 0, err
		}
		if permission != 0 && (least == 0 || permission < least) {
			least = permission
		}
	}
	return least, nil
}

// permission returns the DocMDP permission of one signature, 0 where it certifies nothing.
func (d *document) permission(signature syntax.Dict) (int, error) {
	transforms, err := d.transforms(signature, "DocMDP")
	if err != nil || len(transforms) == 0 {
		return 0, err
	}
	if n, ok := transforms[0]["P"].(syntax.Integer); ok && n >= 1 && n <= 3 {
		return int(n), nil
	}
	return permitFormFilling, nil
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

// checkLocks looks at what a signed field locks: by its FieldMDP (§12.8.2.4) and by its /Lock, of which
// ISO 32000-2 table 236 adds /P.
func (d *document) checkLocks(f field, name string) error {
	signature, err := d.Dict(f.value)
	if err != nil {
		return err
	}
	locks, err := d.transforms(signature, "FieldMDP")
	if err != nil {
		return err
	}
	lock, err := d.Dict(f.dict["Lock"])
	if err != nil {
		return err
	}
	if lock != nil {
		locks = append(locks, lock)
	}
	for _, lock := range locks {
		listed, err := d.Array(lock["Fields"])
		if err != nil {
			return err
		}
		contained := slices.ContainsFunc(listed, func(o syntax.Object) bool {
			s, ok := o.(syntax.String)
			return ok && decodeText(s) == name
		})
		action := lock["Action"]
		if lock["P"] == syntax.Integer(permitNothing) || action == syntax.Name("All") ||
			action == syntax.Name("Include") && contained || action == syntax.Name("Exclude") && !contained {
			return fmt.Errorf("%w: %q", ErrLocked, f.name)
		}
	}
	return nil
}
