/// The colours of an episode's video; those of traces are Okabe and Ito's, which people who see few
/// colours can tell apart.
enum Palette {
  static let background = Color(21, 24, 28)
  static let plot = Color(34, 38, 45)
  static let grid = Color(66, 72, 82)
  static let ink = Color(236, 238, 241)
  static let quiet = Color(158, 166, 177)
  static let value = Color(86, 180, 233)
  static let advantage = Color(221, 143, 191)
  static let positive = Color(0, 172, 126)
  static let negative = Color(96, 103, 114)
  static let intervention = Color(230, 159, 0)
  static let failure = Color(213, 94, 0)
}
