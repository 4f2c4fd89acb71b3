internal import Platform

/// Prints to standard output; where that cannot be written it throws, which Swift's own `print` does not.
func printOutput(_ items: Any..., separator: String = " ", terminator: String = "\n") throws {
  let texts = items.map { "\($0)" }
  try StandardOutput.write(texts.joined(separator: separator) + terminator)
}
