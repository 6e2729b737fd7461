package simcard

import (
	"fmt"
	"strings"
)

// A Person is the invented holder of a simulated card. Nobody of this name and address exists.
type Person struct {
	// ID is the word that picks the person on a command line.
	ID string

	// Name and Address are as the certificate shows them. NameFlags and AddressFlags carry one digit per
	// character: 1 where a substitute stands for a character that the certificate cannot hold.
	Name, NameFlags       string
	Address, AddressFlags string

	// Birth is YYYYMMDD in the Gregorian calendar, Era the digit of its Japanese era: 3 昭和, 4 平成.
	Birth string
	Era   string

	// Sex is the digit of JIS X 0303: 1 男, 2 女.
	Sex string

	// Prefecture and Municipality are in roman letters, as in the subject of the certificate.
	Prefecture, Municipality string
}

// The persons that a card can be made out to.
var (
	// Taro is the usual specimen.
	Taro = Person{
		ID:   "taro",
		Name: "見本　太郎", NameFlags: "00000",
		Address: "東京都千代田区見本一丁目２番３号", AddressFlags: strings.Repeat("0", 16),
		Birth: "19800505", Era: "3", Sex: "1",
		Prefecture: "Tokyo-to", Municipality: "Chiyoda-ku",
	}

	// Hanako has a name and an address with a substitute character in each.
	Hanako = Person{
		ID:   "hanako",
		Name: "高見本　花子", NameFlags: "100000",
		Address: "大阪府大阪市北区辻見本町４番５－６０１号", AddressFlags: "00000000100000000000",
		Birth: "19920229", Era: "4", Sex: "2",
		Prefecture: "Osaka-fu", Municipality: "Osaka-shi-Kita-ku",
	}

	// John is a foreign resident, whose name is in roman letters.
	John = Person{
		ID:   "john",
		Name: "ＭＩＨＯＮ　ＪＯＨＮ　ＡＬＥＸＡＮＤＥＲ", NameFlags: strings.Repeat("0", 20),
		Address: "神奈川県横浜市中区見本通７番地", AddressFlags: strings.Repeat("0", 15),
		Birth: "19751224", Era: "3", Sex: "1",
		Prefecture: "Kanagawa-ken", Municipality: "Yokohama-shi-Naka-ku",
	}
)

// Persons lists all of them, the usual one first.
var Persons = []Person{Taro, Hanako, John}

// PersonByID finds a person by the word that picks it.
func PersonByID(id string) (Person, error) {
	ids := make([]string, 0, len(Persons))
	for _, p := range Persons {
		if p.ID == id {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	return Person{}, fmt.Errorf("no person %q; there are %s", id, strings.Join(ids, ", "))
}
