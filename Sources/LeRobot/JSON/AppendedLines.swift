import Foundation
import Platform

/// A file of JSON lines to which lines are added whole: whoever reads it, after a crash too, finds
/// none torn.
///
/// One process at a time writes there: the dataset's lock sees to it. Two files take turns: the line goes to the one that nobody sees, which then gets the name of the
/// other. Each lags one line behind the other, so that adding takes no longer as the file grows.
final class AppendedLines {
  let path: String
  private let spare: String
  /// What the spare file lacks; nil when there is none.
  private var lag: [UInt8]?
  private var staged: [UInt8]?

  init(_ path: String) {
    self.path = path
    spare = "\(parentFolder(of: path))/.\(path.split(separator: "/").last!).partial"
    unlink(spare)
  }

  deinit { finish() }

  /// Removes the file that nobody sees.
  func finish() {
    unlink(spare)
    lag = nil
  }

  /// Writes the line to the file that nobody sees.
  func stage(_ line: JSON) throws {
    let bytes = Array((line.text() + "\n").utf8)
    if staged != nil {  // of an episode that came to nothing
      finish()
      staged = nil
    }
    do {
      if lag == nil { try copyToSpare() }
      try append((lag ?? []) + bytes)
      staged = bytes
    } catch {
      unlink(spare)
      lag = nil
      throw error
    }
  }

  /// Shows the staged line.
  func publish() throws {
    guard let staged else { fatalError("\(path): no line is staged") }
    let other = spare + ".old"
    let isKept = link(path, other) == 0
    guard rename(spare, path) == 0 else {
      unlink(other)
      throw failure()
    }
    lag = isKept && rename(other, spare) == 0 ? staged : nil
    self.staged = nil
  }

  private func copyToSpare() throws {
    unlink(spare)
    var bytes = fileSize(path) == nil ? [] : try readBytes(path)
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    lag = []
    try append(bytes)
  }

  private func append(_ bytes: [UInt8]) throws {
    guard let file = fopen(spare, "ab") else { throw failure() }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fflush(file) == 0, written == bytes.count, fsync(fileno(file)) == 0 else {
      let error = failure()
      fclose(file)
      throw error
    }
    fclose(file)
  }

  private func failure() -> DatasetError {
    DatasetError(path, "cannot be written: \(String(cString: strerror(errno)))")
  }
}
