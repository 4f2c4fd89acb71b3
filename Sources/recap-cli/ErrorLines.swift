internal import Foundation
internal import Platform
internal import Recap

/// An error as people read it: a line for each problem, in words, of a length that can be read.
func errorLines(_ error: any Error) -> [String] {
  let problems =
    switch error {
    case let error as ConfigurationError: error.problems
    case is DecodingError, is EncodingError: ["JSON is not as it should be: \(jsonProblem(error))"]
    case _ where isFoundations(error): [foundationProblem(error)]
    default: ["\(error)"]
    }
  return problems.map(line)
}

/// The middle of a long line goes: its beginning names the thing, its end says what to do.
private func line(_ text: String) -> String {
  let text = printable(text)
  let (most, end) = (1500, 400)
  guard text.unicodeScalars.count > most else { return text }
  return String(text.unicodeScalars.prefix(most - end)) + " … "
    + String(text.unicodeScalars.suffix(end))
}

private func isFoundations(_ error: any Error) -> Bool {
  let type = type(of: error)
  return type is NSError.Type || type == CocoaError.self || type == POSIXError.self
    || type == URLError.self
}

private func foundationProblem(_ error: any Error) -> String {
  let path = (error as NSError).userInfo[NSFilePathErrorKey] as? String
  return (path.map { "\($0): " } ?? "") + systemProblem(error)
}

private func jsonProblem(_ error: any Error) -> String {
  func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "" : " at " + path.map(\.stringValue).joined(separator: ".")
  }
  switch error as? DecodingError {
  case .keyNotFound(let key, let context):
    return "there is no key \(key.stringValue)\(place(context.codingPath))"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "a value of the wrong type\(place(context.codingPath))"
  default: return "it cannot be read or written"
  }
}
