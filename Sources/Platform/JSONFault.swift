/// What `JSONDecoder` found wrong, in a few words that stand behind "it is", and without line breaks.
package func jsonFault(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }
    return keys.isEmpty ? "" : " at " + keys.joined(separator: ".")
  }
  switch error as? DecodingError {
  case .keyNotFound(let key, let context): return "without \(key.stringValue)\(place(context))"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "of the wrong type\(place(context))"
  default: return "not valid JSON"
  }
}
