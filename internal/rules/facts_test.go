package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// facts are the rows, notes and sentences of the sources, each with the topics that tell it and the
// figures and terms that must stand there, all of them in both languages. The first part is the page of
// 北九州市, the second jpki-card.md §6.
var facts = []struct {
	row    string
	topics string // ids, with spaces between
	ja, en []string
}{
	// What the service is.
	{"proof over the internet", "what-it-is", []string{"なりすまし", "書き換えられていない", "インターネット"}, []string{"nobody else files in your name", "nothing was changed", "internet"}},
	{"two certificates on the card, unless declined", "what-it-is", []string{"2つの電子証明書", "個人番号カード", "希望しなかった"}, []string{"two certificates", "個人番号カード", "declined"}},
	{"signature: PIN", "two-certificates pins", []string{"英数字6〜16桁"}, []string{"6 to 16 letters"}},
	{"authentication: PIN", "two-certificates pins", []string{"数字4桁"}, []string{"4 digits"}},
	{"signature: contains", "two-certificates", []string{"氏名・住所・生年月日・性別", "4つの情報"}, []string{"name, address, birth date and sex", "four attributes"}},
	{"authentication: contains", "two-certificates", []string{"個人の情報は入っていません"}, []string{"no personal attributes"}},
	{"signature: proves", "two-certificates", []string{"本物", "あなたが作って送った"}, []string{"genuine", "you made and sent it"}},
	{"authentication: proves", "two-certificates", []string{"ログインした人があなた本人"}, []string{"the one who logs in is you"}},
	{"signature: used for", "two-certificates", []string{"e-Tax", "電子申請"}, []string{"e-Tax", "電子申請"}},
	{"authentication: used for", "two-certificates", []string{"マイナポータル", "証明書コンビニ交付"}, []string{"マイナポータル", "証明書コンビニ交付", "convenience-store"}},
	{"signature: under 15", "two-certificates under-15", []string{"15歳未満", "原則として発行されません", "実印"}, []string{"nder 15", "in principle", "registered seal"}},
	{"authentication: under 15", "two-certificates under-15", []string{"利用者証明用電子証明書は発行され", "法定代理人が設定"}, []string{"legal representative (法定代理人)", "authentication certificate"}},

	// Getting them.
	{"with the card, free, unless declined", "getting-them", []string{"同時に、無料", "交付申請書", "希望しない"}, []string{"free of charge", "交付申請書", "declines"}},
	{"valid card without them", "getting-them", []string{"有効なマイナンバーカード", "区役所市民課", "カードを持って"}, []string{"card is valid", "区役所市民課", "place of residence", "bring the card"}},
	{"re-issue costs", "fees reissue loss", []string{"再発行に200円", "本人の責任"}, []string{"200 yen", "own fault"}},
	{"first issue is free", "fees", []string{"最初の発行は無料"}, []string{"first issue", "free of charge"}},
	{"a proxy", "proxies", []string{"照会書", "委任状", "2回以上", "代理人"}, []string{"照会書", "委任状", "more than one visit", "代理人"}},
	{"reader and software", "card-reader", []string{"カードリーダー", "クライアントソフト"}, []string{"card reader", "client software"}},
	{"a reader bought for the old card", "card-reader juki-card", []string{"住民基本台帳カード", "カードリーダー"}, []string{"住民基本台帳カード", "may not work"}},
	{"the maker tells", "card-reader", []string{"製造元に確かめて"}, []string{"maker can tell"}},
	{"the old card's certificate", "juki-card", []string{"発行から3年"}, []string{"3 years from issue"}},

	// How long they last.
	{"18 or over", "validity validity-adult", []string{"18歳以上", "10回目の誕生日", "5回目の誕生日"}, []string{"18 or over", "10th birthday", "5th birthday"}},
	{"18 or over: both certificates", "validity-adult", []string{"利用者証明用電子証明書は5回目の誕生日", "署名用電子証明書も5回目の誕生日"}, []string{"authentication certificate to the 5th birthday", "signature certificate to the 5th birthday"}},
	{"15 to 17", "validity-15-17", []string{"15歳から17歳", "カードも、利用者証明用電子証明書も、署名用電子証明書も、5回目の誕生日"}, []string{"15 to 17", "the card, the authentication certificate and the signature certificate all last to the 5th birthday"}},
	{"under 15", "validity-under-15", []string{"15歳未満", "カードも利用者証明用電子証明書も5回目の誕生日", "署名用電子証明書は発行されません"}, []string{"under 15", "the card and the authentication certificate last to the 5th birthday", "signature certificate is never issued"}},
	{"foreign residents", "validity foreign-residents", []string{"在留資格と在留期間"}, []string{"在留資格", "在留期間"}},
	{"foreign residents: certificates the same", "foreign-residents", []string{"カードと2つの電子証明書の有効期限"}, []string{"the card and of both certificates"}},
	{"note 1: 20 for 18", "validity validity-20-for-18", []string{"2022年", "3月31日までに申請", "「18歳」を「20歳」と読み替え"}, []string{"applied for up to 31 March 2022 (2022-03-31)", "read 20 for 18"}},
	{"note 2: shorter, as appearance changes", "validity-15-17 validity-under-15", []string{"成長につれて容姿が変わる"}, []string{"appearance changes as one grows"}},
	{"note 3: PIN by the legal representative", "validity-under-15 under-15", []string{"暗証番号は、", "法定代理人が設定"}, []string{"PIN", "法定代理人"}},
	{"note 4: a registered seal", "validity-under-15 under-15", []string{"実印に相当"}, []string{"equals a registered seal (実印)"}},
	{"moving: card", "moving continued-use", []string{"すぐには失効しません", "継続利用の手続き", "窓口", "暗証番号"}, []string{"not revoked at once", "継続利用", "counter", "PIN"}},
	{"moving: authentication", "moving", []string{"利用者証明用電子証明書は失効しません"}, []string{"authentication certificate is not revoked"}},
	{"moving: signature", "moving", []string{"署名用電子証明書は、住所が入っているため、引っ越しをすると自動的に失効します"}, []string{"signature certificate contains your address: a move revokes it"}},
	{"change of an attribute: signature", "change-of-details revocation", []string{"氏名・住所・生年月日・性別", "署名用電子証明書は", "自動的に失効します"}, []string{"name, address, birth date or sex", "signature certificate is revoked automatically"}},
	{"change of an attribute: apply anew", "change-of-details moving", []string{"引き続き使うには、新しい署名用電子証明書の発行を"}, []string{"To go on using one, apply for a new signature certificate"}},
	{"change of an attribute: authentication", "change-of-details", []string{"利用者証明用電子証明書", "失効しません"}, []string{"authentication certificate", "is not revoked"}},
	{"renewal at the municipality", "renewal", []string{"市区町村の窓口で更新", "市区町村のページ"}, []string{"counter of your municipality", "page of its own"}},

	// Forgotten or locked PIN.
	{"reset at the counter", "locked-pin forgotten-pin", []string{"区役所市民課か出張所", "お住まい", "本人がカード"}, []string{"区役所市民課", "出張所", "place of residence", "by the holder in person, with the card"}},
	{"reset by proxy", "locked-pin forgotten-pin", []string{"代理人の場合は、その日のうちには終わらず、数回"}, []string{"By proxy it is not done on the same day and takes several visits"}},
	{"never recovers", "locked-pin", []string{"時間がたっても解除されません"}, []string{"never recovers by itself"}},
	{"help desks", "help-desks", []string{"北九州市の7つの区役所", "ほかの市区町村はファイルで"}, []string{"seven ward offices of Kitakyushu (北九州市)", "a file adds others"}},

	// jpki-card.md §6.
	{"certificates: 5th birthday, 6th when renewed in time", "validity", []string{"5回目の誕生日", "3か月の間に更新したときは、6回目"}, []string{"5th birthday", "6th when it is renewed in the three months"}},
	{"never beyond the card", "validity", []string{"カードの有効期限より後まで使えることはありません"}, []string{"lasts beyond the card"}},
	{"renewal from 3 months before, free", "renewal expires-soon", []string{"3か月前から", "市区町村の窓口で更新"}, []string{"three months before the end", "counter of your municipality"}},
	{"renewal is free", "renewal fees", []string{"更新", "無料"}, []string{"renew", "free of charge"}},
	{"signature revoked by", "revocation", []string{"氏名・住所・生年月日・性別の変更（引っ越しや結婚など）、本人の死亡、カードの紛失の届出"}, []string{"moving, marriage", "death", "report of a lost card"}},
	{"authentication survives", "revocation", []string{"利用者証明用電子証明書は、住所や氏名が変わっても失効しません"}, []string{"authentication certificate survives changes of address and name"}},
	{"who has no signature certificate", "signature-missing", []string{"15歳未満", "成年被後見人", "希望しなかった", "顔認証マイナンバーカード"}, []string{"under 15", "成年被後見人", "declined", "顔認証マイナンバーカード"}},
	{"face-authentication card", "face-authentication-card", []string{"使える暗証番号がなく", "署名用電子証明書も入っていません"}, []string{"no usable PINs and no signature certificate"}},
	{"lock: counts", "locked-pin", []string{"利用者証明用は3回", "署名用は5回", "券面事項入力補助用は3回", "住民基本台帳用は3回"}, []string{"3 for authentication", "5 for signature", "3 for card-surface", "3 for the resident register"}},
	{"lock: counts by PIN", "pins", []string{"3回続けて", "5回続けて", "券面事項入力補助用", "住民基本台帳用"}, []string{"3 wrong ones in a row", "5 wrong ones in a row", "券面事項入力補助用", "住民基本台帳用"}},
	{"counters never heal", "pins", []string{"時間がたっても元に戻りません", "正しい暗証番号を入力したときだけ"}, []string{"does not heal with time", "only the right PIN"}},
	{"unlock at the window", "locked-pin", []string{"本人が", "カードと本人確認書類"}, []string{"in person", "proof of identity"}},
	{"unlock with the other PIN", "kiosk-reset", []string{"一方が分かれば", "JPKI暗証番号リセット", "KIOSK端末", "6:30から23:00", "24時間以内"}, []string{"you know one", "JPKI暗証番号リセット", "KIOSK端末", "6:30 and 23:00", "within 24 hours"}},
	{"unlock with the other PIN is mentioned", "locked-pin forgotten-pin", []string{"スマートフォンのアプリとコンビニの端末でも"}, []string{"smartphone app and a convenience-store kiosk"}},
	{"window only", "kiosk-reset forgotten-pin", []string{"両方", "住民基本台帳用や券面事項入力補助用", "窓口だけ"}, []string{"住民基本台帳用", "券面事項入力補助用", "only the"}},
	{"loss: suspension", "loss", []string{"電話", "一時停止", "24時間", "確かめてください"}, []string{"telephone", "suspended", "24 hours", "confirm"}},
	{"who may ask for revocation", "revocation-check", []string{"署名検証者（法第17条）", "利用者証明検証者（第36条）", "団体署名検証者（第17条第5項）", "CRLとOCSP", "公開されておらず", "プラットフォーム事業者"}, []string{"署名検証者, article 17", "利用者証明検証者, article 36", "団体署名検証者, article 17 paragraph 5", "CRL and OCSP", "not open to the public", "プラットフォーム事業者"}},
	{"signing needs no permission", "relying-parties", []string{"許可や認定は必要ありません"}, []string{"needs no permission"}},
	{"collecting serials", "relying-parties", []string{"シリアル番号", "注意が必要", "専門家に相談"}, []string{"serial numbers", "legally delicate", "counsel"}},
	{"what can be checked", "revocation-check", []string{"署名が正しい", "J-LISの鍵", "試験用ではない", "有効期間の中", "鍵の用途"}, []string{"signature is right", "J-LIS", "not a test key", "within the validity", "purpose"}},
	{"what cannot", "revocation-check", []string{"失効は確認していません", "有効であることを意味しません", "いまもその人が電子証明書を持っている", "氏名が変わっていない", "存命"}, []string{"revocation: not checked", "does not mean valid", "still holds the certificate", "changed names", "alive"}},
	{"PINs are confused", "pins", []string{"いちばん多い間違い", "取り違え", "残り回数"}, []string{"commonest mistake", "confuse", "tries are left"}},
}

func TestEveryRuleStandsInItsTopics(t *testing.T) {
	for _, fact := range facts {
		for id := range strings.FieldsSeq(fact.topics) {
			t.Run(fact.row+"/"+id, func(t *testing.T) {
				found := Find(id)
				require.Len(t, found, 1)
				require.Equal(t, id, found[0].ID)
				for _, f := range fact.ja {
					require.Contains(t, strings.Join(found[0].Text.JA, "\n"), f)
				}
				for _, f := range fact.en {
					require.Contains(t, strings.Join(found[0].Text.EN, "\n"), f)
				}
			})
		}
	}
}

// What nobody could confirm is not printed: no telephone number outside the directory.
func TestNoNumberIsGuessed(t *testing.T) {
	require.NotRegexp(t, `\b0[0-9]+-[0-9]+-[0-9]+\b`, string(topicsJSON))
}

func TestDesksOfTheSource(t *testing.T) {
	numbers := map[string]string{
		"門司区役所 市民課（市民係）":  "093-331-1661",
		"小倉北区役所 市民課":      "093-582-3350",
		"小倉南区役所 市民課（市民係）": "093-951-4890",
		"若松区役所 市民課（市民係）":  "093-761-6232",
		"八幡東区役所 市民課":      "093-681-8604",
		"八幡西区役所 市民課（市民係）": "093-642-0415",
		"戸畑区役所 市民課":       "093-871-7828",
	}
	desks := Desks()
	require.Len(t, desks, len(numbers))
	for _, d := range desks {
		require.Equal(t, Text{"北九州市", "Kitakyushu"}, d.Municipality)
		require.Equal(t, numbers[d.Office.JA], d.Telephone, d.Office.JA)
	}
}
