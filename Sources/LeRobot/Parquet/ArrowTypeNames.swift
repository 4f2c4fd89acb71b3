extension ArrowType {
  /// The name of a type that is not read here, by its format string in the Arrow C Data Interface:
  /// "timestamp[ns]", "decimal128(10, 2)".
  ///
  /// Names are those of pyarrow and of the Python package `datasets`.
  static func name(ofFormat format: String) -> String {
    let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    switch parts[0] {
    case "tdD": return "date32"
    case "tdm": return "date64"
    case "tts", "ttm": return "time32[\(unit(format))]"
    case "ttu", "ttn": return "time64[\(unit(format))]"
    case "tDs", "tDm", "tDu", "tDn": return "duration[\(unit(format))]"
    case "tss", "tsm", "tsu", "tsn":
      let unit = unit(String(parts[0]))
      return rest.isEmpty ? "timestamp[\(unit)]" : "timestamp[\(unit), tz=\(rest)]"
    case "tiM": return "interval of months"
    case "tiD": return "interval of days"
    case "tin": return "interval of months, days and nanoseconds"
    case "d":
      let numbers = rest.split(separator: ",")
      guard numbers.count >= 2 else { return "decimal" }
      return "decimal\(numbers.count > 2 ? numbers[2] : "128")(\(numbers[0]), \(numbers[1]))"
    case "w": return "fixed_size_binary[\(rest)]"
    case "vu": return "string_view"
    case "vz": return "binary_view"
    case "+m": return "map"
    case "+r": return "run_end_encoded"
    case "+vl", "+vL": return "list_view"
    case "+ud", "+us": return "union"
    default: return "Arrow type '\(format)'"
    }
  }

  /// The unit that a format's third letter stands for.
  private static func unit(_ format: String) -> String {
    let letter = format.dropFirst(2).first
    return letter == "m" ? "ms" : letter == "u" ? "us" : letter == "n" ? "ns" : "s"
  }
}
