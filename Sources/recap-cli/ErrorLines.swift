internal import Foundation
internal import Platform
internal import Recap

/// An error as people read it: a line for each problem, in words, of a length that can be read.
func errorLines(_ error: any Error) -> [String] {
  let problems =
    switch error {
    case let error as ConfigurationError: error.problems
    case is DecodingError, is EncodingError:
      ["JSON that was read or is to be written is \(jsonFault(error))"]
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
