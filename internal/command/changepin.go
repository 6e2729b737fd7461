package command

import (
	"context"
	"errors"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// ChangePIN puts a new PIN in the place of one of the card's three. birth is the holder's date of birth where
// it is known, so that a PIN made of it is advised against; or the zero Date. A blocked PIN cannot be changed.
func ChangePIN(ctx context.Context, e Environment, lang string, name protocol.PINName, birth rules.Date) (*protocol.PINChanged, error) {
	o, err := e.open(ctx, locks[name])
	if err != nil {
		return nil, err
	}
	defer o.close()
	if err := o.changePIN(ctx, lang, birth); err != nil {
		return nil, o.coded(err)
	}
	return &protocol.PINChanged{PIN: name, PINStatus: protocol.PINStatus{TriesLeft: o.tries, MaxTries: o.lock.maxTries}}, nil
}

func (o *operation) changePIN(ctx context.Context, lang string, birth rules.Date) error {
	ask := prompt.Request{Operation: prompt.ChangePIN, Purpose: prompt.Current, Lang: prompt.Lang(lang)}
	var fresh *prompt.PIN
	forget := func() {
		if fresh != nil {
			fresh.Wipe()
		}
	}
	defer forget()
	changed := false
	err := o.unlock(ctx, unlocking{
		ask: ask,
		prepare: func(ctx context.Context, current *prompt.PIN) (err error) {
			choice := ask
			if fresh != nil { // chosen before, when the current one was mistyped
				if !prompt.Equal(fresh, current) {
					return nil
				}
				choice.Malformed = prompt.Same
			}
			forget()
			fresh, err = o.newPIN(ctx, choice, current, birth)
			return err
		},
		open: func(app *jpki.Application) (opened, error) {
			pin, err := o.lock.find(o.line, app)
			return opened{pin, func(ctx context.Context, typed *prompt.PIN) error {
				err := o.replace(ctx, pin, ask, typed != nil, fresh)
				changed = err == nil
				return err
			}}, err
		},
	})
	if changed {
		return nil // whatever came behind it, a no or the loss of the card: the new PIN holds, and the human must know
	}
	return err
}

// replace has the card take the new PIN: fresh, or on the reader's pad what is typed there.
func (o *operation) replace(ctx context.Context, pin application.PIN, ask prompt.Request, typed bool, fresh *prompt.PIN) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !typed {
		return o.changeOnPad(ctx, pin, ask)
	}
	return pin.Change(fresh.Bytes())
}

// newPIN asks for a new PIN, twice, until both agree and the human wants it.
func (o *operation) newPIN(ctx context.Context, ask prompt.Request, current *prompt.PIN, birth rules.Date) (*prompt.PIN, error) {
	ask = o.about(ask)
	for {
		ask.Purpose = prompt.New
		fresh, err := o.askNew(ctx, &ask, current, birth)
		if err != nil {
			return nil, err
		}
		if fresh == nil {
			continue
		}
		ask.Purpose, ask.Malformed = prompt.Repeat, 0
		same, err := o.repeated(ctx, ask, fresh)
		if err == nil && same {
			return fresh, nil
		}
		fresh.Wipe()
		if err != nil {
			return nil, err
		}
		ask.Malformed = prompt.Different
	}
}

// askNew asks for a new PIN once. It returns nil for one that cannot be, or that the human thought better
// of; ask then says why.
func (o *operation) askNew(ctx context.Context, ask *prompt.Request, current *prompt.PIN, birth rules.Date) (fresh *prompt.PIN, err error) {
	pin, err := o.Human.PIN(ctx, *ask, o.info())
	if err != nil {
		return nil, err
	}
	defer func() {
		if fresh == nil {
			pin.Wipe()
		}
	}()
	ask.Malformed = 0
	var malformed *prompt.MalformedError
	err = o.lock.policy.ForNew().Normalize(pin)
	switch {
	case errors.As(err, &malformed):
		ask.Malformed = malformed.Reason
		return nil, nil
	case err != nil:
		return nil, err
	}
	if prompt.Equal(pin, current) {
		ask.Malformed = prompt.Same
		return nil, nil
	}
	weaknesses := prompt.Weaknesses(pin, prompt.Date{Year: birth.Year, Month: int(birth.Month), Day: birth.Day})
	if len(weaknesses) == 0 {
		return pin, nil
	}
	keep, err := o.Human.WeakPIN(ctx, *ask, o.info(), weaknesses)
	if err != nil || !keep {
		return nil, err
	}
	return pin, nil
}

// repeated asks for the new PIN once more and reports whether it is the same.
func (o *operation) repeated(ctx context.Context, ask prompt.Request, fresh *prompt.PIN) (bool, error) {
	again, err := o.Human.PIN(ctx, ask, o.info())
	if err != nil {
		return false, err
	}
	defer again.Wipe()
	return o.lock.policy.Normalize(again) == nil && prompt.Equal(again, fresh), nil
}
