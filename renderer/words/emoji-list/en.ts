import type { EmojiLines } from '../emoji-list.ts'

/** English, and the source: which emoji there are, and in which order. */
export const emojiLines: EmojiLines = {
  smileys: `😀 grinning face
😃 grinning face with big eyes
😄 grinning face with smiling eyes
😁 beaming face with smiling eyes
😆 grinning squinting face
😅 grinning face with sweat
🤣 rolling on the floor laughing
😂 face with tears of joy
🙂 slightly smiling face
🙃 upside-down face
😉 winking face
😊 smiling face with smiling eyes
😇 smiling face with halo
🥰 smiling face with hearts
😍 smiling face with heart-eyes
🤩 star-struck
😘 face blowing a kiss
😋 face savoring food
😜 winking face with tongue
🤪 zany face
🤗 smiling face with open hands
🤭 face with hand over mouth
🤔 thinking face
🤫 shushing face
🫡 saluting face
🤐 zipper-mouth face
🤨 face with raised eyebrow
😐 neutral face
😶 face without mouth
😏 smirking face
😒 unamused face
🙄 face with rolling eyes
😬 grimacing face
😌 relieved face
😔 pensive face
😪 sleepy face
😴 sleeping face
😷 face with medical mask
🤒 face with thermometer
🤕 face with head-bandage
🤢 nauseated face
🤧 sneezing face
🥵 hot face
🥶 cold face
🥴 woozy face
🤯 exploding head
🥳 partying face
😎 smiling face with sunglasses
🤓 nerd face
🧐 face with monocle
😕 confused face
😟 worried face
🙁 slightly frowning face
😮 face with open mouth
😳 flushed face
🥺 pleading face
🥹 face holding back tears
😨 fearful face
😰 anxious face with sweat
😢 crying face
😭 loudly crying face
😱 face screaming in fear
😖 confounded face
😞 disappointed face
😩 weary face
🥱 yawning face
😤 face with steam from nose
😡 enraged face
🤬 face with symbols on mouth
😈 smiling face with horns
💀 skull
💩 pile of poo
🤡 clown face
👻 ghost
👽 alien
🤖 robot
🙈 see-no-evil monkey
🙉 hear-no-evil monkey
🙊 speak-no-evil monkey`,

  people: `👋 waving hand
✋ raised hand
👌 OK hand
🤏 pinching hand
✌️ victory hand
🤞 crossed fingers
🤘 sign of the horns
🤙 call me hand
👈 backhand index pointing left
👉 backhand index pointing right
👆 backhand index pointing up
👇 backhand index pointing down
👍 thumbs up
👎 thumbs down
✊ raised fist
👊 oncoming fist
👏 clapping hands
🙌 raising hands
🫶 heart hands
👐 open hands
🤝 handshake
🙏 folded hands
✍️ writing hand
💪 flexed biceps
👀 eyes
🧠 brain
🗣️ speaking head
🙋 person raising hand
🤷 person shrugging
🤦 person facepalming
🙇 person bowing
🏃 person running
💃 woman dancing
👪 family`,

  signs: `❤️ red heart
🧡 orange heart
💛 yellow heart
💚 green heart
💙 blue heart
💜 purple heart
🖤 black heart
🤍 white heart
💔 broken heart
💕 two hearts
💯 hundred points
💥 collision
💦 sweat droplets
💤 ZZZ
💬 speech balloon
✅ check mark button
✔️ check mark
❌ cross mark
❓ red question mark
❗ red exclamation mark
⚠️ warning
🚫 prohibited
♻️ recycling symbol
🆗 OK button
🔴 red circle
🟡 yellow circle
🟢 green circle
➡️ right arrow
⬅️ left arrow
⬆️ up arrow
⬇️ down arrow`,

  nature: `🐶 dog face
🐱 cat face
🐭 mouse face
🦊 fox
🐻 bear
🐼 panda
🦁 lion
🐷 pig face
🐸 frog
🐔 chicken
🐧 penguin
🦉 owl
🦄 unicorn
🐝 honeybee
🐛 bug
🦋 butterfly
🐢 turtle
🐙 octopus
🐳 spouting whale
🌹 rose
🌻 sunflower
🌱 seedling
🌲 evergreen tree
🍀 four leaf clover
🍎 red apple
🍌 banana
🍓 strawberry
🥑 avocado
🍞 bread
🧀 cheese wedge
🍕 pizza
🍔 hamburger
🍟 french fries
🍣 sushi
🍦 soft ice cream
🍫 chocolate bar
🍪 cookie
🎂 birthday cake
☕ hot beverage
🍵 teacup without handle
🍺 beer mug
🥂 clinking glasses
🍷 wine glass
☀️ sun
⛅ sun behind cloud
🌧️ cloud with rain
⛈️ cloud with lightning and rain
❄️ snowflake
🌈 rainbow
🌙 crescent moon
⭐ star
✨ sparkles
⚡ high voltage
🔥 fire`,

  things: `🎉 party popper
🎈 balloon
🎁 wrapped gift
🏆 trophy
⚽ soccer ball
🎮 video game
🎲 game die
🎸 guitar
🎵 musical note
🎧 headphone
🎬 clapper board
📷 camera
📱 mobile phone
💻 laptop
🖨️ printer
💾 floppy disk
🔋 battery
💡 light bulb
📚 books
📄 page facing up
📎 paperclip
📁 file folder
📅 calendar
📌 pushpin
✂️ scissors
🔒 locked
🔑 key
🔨 hammer
⚙️ gear
🧪 test tube
💊 pill
🗑️ wastebasket
📦 package
✉️ envelope
🔔 bell
⏰ alarm clock
⏳ hourglass not done
💰 money bag
🛒 shopping cart
🚗 automobile
🚲 bicycle
🚆 train
✈️ airplane
🚀 rocket
🏠 house
🏖️ beach with umbrella
⛰️ mountain
🌍 globe showing Europe-Africa
🏁 chequered flag
🏳️‍🌈 rainbow flag`,
}
