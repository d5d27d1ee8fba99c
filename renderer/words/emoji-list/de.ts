import type { EmojiLines } from '../emoji-list.ts'

/** German. */
export const emojiLines: EmojiLines = {
  smileys: `😀 grinsendes Gesicht
😃 grinsendes Gesicht mit großen Augen
😄 grinsendes Gesicht mit lachenden Augen
😁 strahlendes Gesicht mit lachenden Augen
😆 Grinsegesicht mit zugekniffenen Augen
😅 grinsendes Gesicht mit Schweißtropfen
🤣 sich vor Lachen auf dem Boden wälzen
😂 Gesicht mit Freudentränen
🙂 leicht lächelndes Gesicht
🙃 umgekehrtes Gesicht
😉 zwinkerndes Gesicht
😊 lächelndes Gesicht mit lachenden Augen
😇 lächelndes Gesicht mit Heiligenschein
🥰 lächelndes Gesicht mit Herzen
😍 lächelndes Gesicht mit herzförmigen Augen
🤩 überwältigt
😘 Kuss zuwerfendes Gesicht
😋 sich die Lippen leckendes Gesicht
😜 zwinkerndes Gesicht mit herausgestreckter Zunge
🤪 irres Gesicht
🤗 Gesicht mit umarmenden Händen
🤭 verlegen kicherndes Gesicht
🤔 nachdenkendes Gesicht
🤫 ermahnendes Gesicht
🫡 salutierendes Gesicht
🤐 Gesicht mit Reißverschlussmund
🤨 Gesicht mit hochgezogenen Augenbrauen
😐 neutrales Gesicht
😶 Gesicht ohne Mund
😏 süffisant lächelndes Gesicht
😒 verstimmtes Gesicht
🙄 Augen verdrehendes Gesicht
😬 Grimassen schneidendes Gesicht
😌 erleichtertes Gesicht
😔 nachdenkliches Gesicht
😪 schläfriges Gesicht
😴 schlafendes Gesicht
😷 Gesicht mit Atemschutzmaske
🤒 Gesicht mit Fieberthermometer
🤕 Gesicht mit Kopfverband
🤢 würgendes Gesicht
🤧 niesendes Gesicht
🥵 schwitzendes Gesicht
🥶 frierendes Gesicht
🥴 schwindeliges Gesicht
🤯 explodierender Kopf
🥳 Partygesicht
😎 lächelndes Gesicht mit Sonnenbrille
🤓 Strebergesicht
🧐 Gesicht mit Monokel
😕 verwundertes Gesicht
😟 besorgtes Gesicht
🙁 betrübtes Gesicht
😮 Gesicht mit offenem Mund
😳 errötetes Gesicht mit großen Augen
🥺 bettelndes Gesicht
🥹 Gesicht, das Tränen zurückhält
😨 ängstliches Gesicht
😰 besorgtes Gesicht mit Schweißtropfen
😢 weinendes Gesicht
😭 heulendes Gesicht
😱 vor Angst schreiendes Gesicht
😖 verwirrtes Gesicht
😞 enttäuschtes Gesicht
😩 erschöpftes Gesicht
🥱 gähnendes Gesicht
😤 schnaubendes Gesicht
😡 schmollendes Gesicht
🤬 Gesicht mit Symbolen über dem Mund
😈 grinsendes Gesicht mit Hörnern
💀 Totenkopf
💩 Kothaufen
🤡 Clown-Gesicht
👻 Gespenst
👽 Außerirdischer
🤖 Roboter
🙈 sich die Augen zuhaltendes Affengesicht
🙉 sich die Ohren zuhaltendes Affengesicht
🙊 sich den Mund zuhaltendes Affengesicht`,

  people: `👋 winkende Hand
✋ erhobene Hand
👌 OK-Zeichen
🤏 Wenig-Geste
✌️ Victory-Geste
🤞 Hand mit gekreuzten Fingern
🤘 Teufelsgruß
🤙 Ruf-mich-an-Handzeichen
👈 nach links weisender Zeigefinger
👉 nach rechts weisender Zeigefinger
👆 nach oben weisender Zeigefinger von hinten
👇 nach unten weisender Zeigefinger
👍 Daumen hoch
👎 Daumen runter
✊ erhobene Faust
👊 geballte Faust
👏 klatschende Hände
🙌 zwei erhobene Handflächen
🫶 Hände, die Herz bilden
👐 offene Hände
🤝 Handschlag
🙏 zusammengelegte Handflächen
✍️ schreibende Hand
💪 angespannter Bizeps
👀 Augen
🧠 Gehirn
🗣️ sprechender Kopf
🙋 Person mit erhobenem Arm
🤷 schulterzuckende Person
🤦 sich an den Kopf fassende Person
🙇 sich verbeugende Person
🏃 laufende Person
💃 tanzende Frau
👪 Familie`,

  signs: `❤️ rotes Herz
🧡 oranges Herz
💛 gelbes Herz
💚 grünes Herz
💙 blaues Herz
💜 lila Herz
🖤 schwarzes Herz
🤍 weißes Herz
💔 gebrochenes Herz
💕 zwei Herzen
💯 100 Punkte
💥 Zusammenstoß
💦 Schweißtropfen
💤 Schlafen
💬 Sprechblase mit drei Punkten
✅ weißes Häkchen
✔️ kräftiges Häkchen
❌ Kreuzzeichen
❓ rotes Fragezeichen
❗ rotes Ausrufezeichen
⚠️ Warnung
🚫 Verboten
♻️ Recycling-Symbol
🆗 Großbuchstaben OK in blauem Quadrat
🔴 roter Punkt
🟡 gelber Punkt
🟢 grüner Punkt
➡️ Pfeil nach rechts
⬅️ Pfeil nach links
⬆️ Pfeil nach oben
⬇️ Pfeil nach unten`,

  nature: `🐶 Hundegesicht
🐱 Katzengesicht
🐭 Mäusegesicht
🦊 Fuchs
🐻 Bär
🐼 Panda
🦁 Löwe
🐷 Schweinegesicht
🐸 Frosch
🐔 Huhn
🐧 Pinguin
🦉 Eule
🦄 Einhorn
🐝 Biene
🐛 Raupe
🦋 Schmetterling
🐢 Schildkröte
🐙 Oktopus
🐳 blasender Wal
🌹 Rose
🌻 Sonnenblume
🌱 Spross
🌲 Nadelbaum
🍀 Glücksklee
🍎 roter Apfel
🍌 Banane
🍓 Erdbeere
🥑 Avocado
🍞 Brot
🧀 Käsestück
🍕 Pizza
🍔 Hamburger
🍟 Pommes frites
🍣 Sushi
🍦 Softeis
🍫 Schokoladentafel
🍪 Keks
🎂 Geburtstagskuchen
☕ Heißgetränk
🍵 Teetasse ohne Henkel
🍺 Bierkrug
🥂 Sektgläser
🍷 Weinglas
☀️ Sonne
⛅ Sonne hinter Wolke
🌧️ Wolke mit Regen
⛈️ Wolke mit Blitz und Regen
❄️ Schneeflocke
🌈 Regenbogen
🌙 Mondsichel
⭐ weißer mittelgroßer Stern
✨ funkelnde Sterne
⚡ Hochspannung
🔥 Feuer`,

  things: `🎉 Konfettibombe
🎈 Luftballon
🎁 Geschenk
🏆 Pokal
⚽ Fußball
🎮 Gamepad
🎲 Spielwürfel
🎸 Gitarre
🎵 Musiknote
🎧 Kopfhörer
🎬 Filmklappe
📷 Fotoapparat
📱 Mobiltelefon
💻 Laptop
🖨️ Drucker
💾 Diskette
🔋 Batterie
💡 Glühbirne
📚 Bücherstapel
📄 Vorderseite eines Blattes
📎 Büroklammer
📁 Ordner
📅 Kalender
📌 Reißzwecke
✂️ Schere
🔒 geschlossenes Schloss
🔑 Schlüssel
🔨 Hammer
⚙️ Zahnrad
🧪 Reagenzglas
💊 Kapsel
🗑️ Papierkorb
📦 Paket
✉️ Briefumschlag
🔔 Glocke
⏰ Wecker
⏳ laufende Sanduhr
💰 Geldsack
🛒 Einkaufswagen
🚗 Auto
🚲 Fahrrad
🚆 Zug
✈️ Flugzeug
🚀 Rakete
🏠 Haus
🏖️ Strand mit Sonnenschirm
⛰️ Berg
🌍 Globus mit Europa und Afrika
🏁 Zielflagge
🏳️‍🌈 Regenbogenflagge`,
}
