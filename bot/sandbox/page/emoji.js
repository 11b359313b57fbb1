// The emoji short names that apps write most; an unknown name stays visible as :name:.

const EMOJI = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", wave: "👋", clap: "👏", pray: "🙏", ok_hand: "👌", eyes: "👀", raised_hands: "🙌",
  point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", muscle: "💪", raised_hand: "✋", hand: "✋", writing_hand: "✍️",
  smile: "😄", slightly_smiling_face: "🙂", grinning: "😀", joy: "😂", wink: "😉", thinking_face: "🤔", thinking: "🤔", sweat_smile: "😅",
  disappointed: "😞", cry: "😢", sob: "😭", heart: "❤️", tada: "🎉", fire: "🔥", rocket: "🚀", sparkles: "✨", star: "⭐", zap: "⚡", boom: "💥",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫",
  octagonal_sign: "🛑", stop_sign: "🛑", rotating_light: "🚨", exclamation: "❗", question: "❓", information_source: "ℹ️", bangbang: "‼️",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock1: "🕐", calendar: "📆", date: "📅",
  mag: "🔍", mag_right: "🔎", microscope: "🔬", telescope: "🔭", test_tube: "🧪", bulb: "💡", brain: "🧠", robot_face: "🤖", gear: "⚙️", wrench: "🔧",
  hammer_and_wrench: "🛠️", link: "🔗", paperclip: "📎", pushpin: "📌", bookmark: "🔖", books: "📚", book: "📖", notebook: "📓", newspaper: "📰",
  page_facing_up: "📄", page_with_curl: "📃", clipboard: "📋", bookmark_tabs: "📑", memo: "📝", pencil: "📝", pencil2: "✏️", bar_chart: "📊",
  chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", file_folder: "📁", open_file_folder: "📂", inbox_tray: "📥", outbox_tray: "📤",
  package: "📦", lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", bell: "🔔", no_bell: "🔕", speech_balloon: "💬", thought_balloon: "💭", loudspeaker: "📢",
  moneybag: "💰", dollar: "💵", credit_card: "💳", receipt: "🧾", globe_with_meridians: "🌐", earth_africa: "🌍", earth_americas: "🌎", round_pushpin: "📍",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁", fast_forward: "⏩", arrow_forward: "▶️",
  double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", red_circle: "🔴", large_blue_circle: "🔵", large_green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", white_circle: "⚪", black_circle: "⚫", white_small_square: "▫️", black_small_square: "▪️", small_blue_diamond: "🔹",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", "100": "💯", coffee: "☕", crystal_ball: "🔮", compass: "🧭", map: "🗺️", seedling: "🌱", sunny: "☀️",
  wastebasket: "🗑️", trophy: "🏆", medal: "🏅", dart: "🎯", jigsaw: "🧩", scroll: "📜", checkered_flag: "🏁", triangular_flag_on_post: "🚩", house: "🏠", office: "🏢",
};

export function emoji(name) {
  return EMOJI[String(name).split("::")[0]] ?? null;
}
