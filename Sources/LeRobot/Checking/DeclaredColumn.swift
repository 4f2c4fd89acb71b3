/// A column of the rows beside the feature that meta/info.json declares: whether LeRobot makes the one of the other.
///
/// The rules are those of LeRobot 0.6.1, which has `datasets` 5.2.0 cast every column of v3.0: numbers become other
/// numbers where no value is lost, and anything becomes text, but lists stay lists of their depth and lengths.
/// LeRobot 0.3.3 takes the columns of v2.1 as they are.
struct DeclaredColumn {
  let name: String
  let feature: DatasetInfo.Feature
  let type: ArrowType
  /// Whether columns are cast, as those of v3.0 are.
  let isCast: Bool

  /// What is to be said of a column.
  struct Finding {
    /// Whether nobody reads the column as what is declared, or LeRobot refuses it.
    let isProblem: Bool
    let text: String
  }

  /// The declared type as `datasets` calls it.
  var dtype: String {
    switch feature.dtype {
    case "float": "float32"
    case "double": "float64"
    default: feature.dtype
    }
  }

  /// How many lists are around each value, as it is declared.
  private var depth: Int { feature.shape == [1] ? 0 : feature.shape.count }

  private var what: String {
    "column '\(name)' is \(type), meta/info.json declares \(feature.dtype) \(feature.shape)"
  }

  private func unreadable(_ why: String = "") -> Finding {
    Finding(isProblem: true, text: what + why)
  }

  private func refused(_ text: String) -> Finding {
    Finding(
      isProblem: isCast,
      text: text + ": LeRobot \(isCast ? "refuses it" : "refuses such in v3.0"); "
        + "recap dataset convert writes what is declared, where it can be")
  }

  /// What is wrong with the type; nil where it is the declared one.
  var ofType: Finding? {
    guard isKnown else { return nil }
    if dtype == "string" {
      if depth > 0 { return unreadable(": LeRobot reads one text a row, of shape [1]") }
      if type.isText { return nil }
      if type.listDepth > 0 || type.isNested { return unreadable() }
      return Finding(
        isProblem: false, text: what + (isCast ? ": LeRobot makes texts of it" : ""))
    }
    guard type.leaf.isNumber else {
      guard isCast, isCastUnread else { return unreadable() }
      return Finding(isProblem: false, text: what + ": LeRobot casts it, Recap does not read it")
    }
    let leaf = type.leaf.description
    let isRefused = type.listDepth != depth || Set([dtype, leaf]) == ["bool", "float16"]
    if isRefused { return refused(what) }
    if leaf == dtype { return nil }
    return Finding(
      isProblem: false,
      text: what + (isCast ? ": LeRobot casts it" : ": LeRobot 0.3 takes it as it is"))
  }

  /// What is wrong with the lengths of a row's lists; nil where they are those declared.
  func ofShape(_ shape: [Int]) -> Finding? {
    let count = shape.reduce(1, *)
    if count != feature.width {
      return Finding(
        isProblem: true,
        text: "column '\(name)' has \(count) values a row, meta/info.json says \(feature.shape)")
    }
    if shape.count != depth || depth == 0 || shape == feature.shape { return nil }
    return Finding(
      isProblem: true,
      text: "column '\(name)' has lists of \(shape), meta/info.json says \(feature.shape)")
  }

  /// What is wrong with a value that `misfit` found.
  func ofValue(_ value: Double, row: Int) -> Finding {
    let shown =
      Int(exactly: value).map(String.init) ?? UInt64(exactly: value).map(String.init) ?? "\(value)"
    let isRead = dtype == "bool"
    let why =
      isCast
      ? (isRead ? "LeRobot reads true" : "LeRobot refuses it or reads another")
      : "LeRobot refuses such in v3.0"
    return Finding(
      isProblem: isCast,
      text:
        "column '\(name)' is \(shown) in row \(row), meta/info.json declares \(feature.dtype): \(why)"
    )
  }

  /// The first of some finite numbers that the declared type does not hold.
  func misfit(_ values: [Double]) -> Int? {
    if type.leaf.description == dtype, dtype != "uint64" { return nil }
    guard let fits else { return nil }
    return values.firstIndex { $0.isFinite && !fits($0) }
  }

  /// Whether the declared type holds a number; nil where it is none of numbers.
  private var fits: ((Double) -> Bool)? {
    func whole(_ range: ClosedRange<Double>) -> (Double) -> Bool {
      { $0 == $0.rounded() && range.contains($0) }
    }
    // Whole numbers are cast to floating point where all of their bits are kept.
    let isWhole = !["float16", "float32", "float64"].contains(type.leaf.description)
    func floating(_ greatest: Double, _ exact: Double) -> (Double) -> Bool {
      { abs($0) <= (isWhole ? min(exact, greatest) : greatest) }
    }
    switch dtype {
    case "bool": return { $0 == 0 || $0 == 1 }
    case "int8": return whole(-128...127)
    case "uint8": return whole(0...255)
    case "int16": return whole(-0x1p15...(0x1p15 - 1))
    case "uint16": return whole(0...(0x1p16 - 1))
    case "int32": return whole(-0x1p31...(0x1p31 - 1))
    case "uint32": return whole(0...(0x1p32 - 1))
    case "int64": return whole(-0x1p63...0x1p63.nextDown)
    case "uint64": return whole(0...0x1p63.nextDown)  // torch has no more
    case "float16": return floating(65504, 65504)
    case "float32": return floating(Double(Float.greatestFiniteMagnitude), 0x1p24)
    case "float64": return floating(.greatestFiniteMagnitude, 0x1p53)
    default: return nil
    }
  }

  /// Whether the declared type is one that columns are compared with.
  private var isKnown: Bool { dtype == "string" || fits != nil }

  /// Whether LeRobot casts a type to the declared numbers that is not read here.
  private var isCastUnread: Bool {
    guard type.listDepth == depth, case .other = type.leaf else { return false }
    let name = type.leaf.description
    let isTime = ["timestamp", "time64", "duration"].contains(where: name.hasPrefix)
    return dtype == "int64" && isTime
      || ["float32", "float64"].contains(dtype) && name.hasPrefix("decimal")
  }
}

extension ArrowType {
  /// Whether a value is a structure or a map.
  var isNested: Bool {
    switch self {
    case .structure: true
    case .other(let format): format.hasPrefix("+")
    default: false
    }
  }
}
