/// What `JSONDecoder` found wrong, in a few words that stand behind "it is", and without line breaks.
///
/// - Parameter name: what a key at a level of the document is called, where not as it stands.
package func jsonFault(
  _ error: any Error, name: (Int, any CodingKey) -> String? = { _, _ in nil }
) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.enumerated().map { level, key in
      name(level, key) ?? key.intValue.map { "\($0 + 1)" } ?? key.stringValue
    }
    return keys.isEmpty ? "" : " at " + keys.joined(separator: ".")
  }
  switch error as? DecodingError {
  case .keyNotFound(let key, let context): return "without \(key.stringValue)\(place(context))"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "of the wrong type\(place(context))"
  default: return "not valid JSON"
  }
}
