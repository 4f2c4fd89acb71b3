import Foundation
import Platform

/// Metrics as a file of JSON objects, one a line: `_timestamp` (seconds since 1970), `stage`,
/// `global_step`, then the metrics by name. A value that is not finite is written as null, because
/// JSON has no other word for it.
public final class JSONLines: MetricSink {
  private let file: LogFile
  private let now: () -> Double

  /// Opens `path`.
  ///
  /// - Parameter step: nil begins a new file in the place of an old one. Otherwise the run goes on
  ///   after this step: records of later steps are dropped (and a last line that was cut short), so
  ///   that the file ends as if the run had never stopped. Log the records of a step before the
  ///   checkpoint of that step is written.
  /// - Throws: ``TrackingError`` or `FileError` when the file cannot be read or written, or is not such a file.
  public convenience init(path: String, resumingAfter step: Int? = nil) throws {
    try self.init(path: path, resumingAfter: step, now: { Date().timeIntervalSince1970 })
  }

  package init(path: String, resumingAfter step: Int?, now: @escaping () -> Double) throws {
    try makeFolder(parentFolder(of: path))
    let kept = try step.map { try Self.records(in: path, upTo: $0) } ?? Data()
    try AtomicFile.write(path, bytes: kept)
    file = try LogFile(path)
    self.now = now
  }

  public func log(_ record: MetricRecord) throws {
    var line = "{\"_timestamp\":\(JSONText.number(now()) ?? "null")"
    line += ",\"stage\":\(JSONText.quoted(record.stage)),\"global_step\":\(record.globalStep)"
    for (name, value) in record.values {
      line += ",\(JSONText.quoted(name)):\(JSONText.number(value) ?? "null")"
    }
    try file.append(Array("\(line)}\n".utf8))
  }

  public func finish(exitCode: Int) {}

  private static func records(in path: String, upTo step: Int) throws(TrackingError) -> Data {
    guard FileManager.default.fileExists(atPath: path) else { return Data() }
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw LogFile.error(path, "cannot be read")
    }
    var kept = Data()
    var start = data.startIndex
    var number = 0
    while let end = data[start...].firstIndex(of: 0x0A) {
      number += 1
      let line = data[start..<end]
      let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
      guard let own = (object?["global_step"] as? NSNumber)?.intValue else {
        throw TrackingError(
          "\(path): line \(number) is not a record of metrics (a JSON object with global_step); "
            + "move the file away to go on without it.")
      }
      if own <= step { kept += data[start...end] }
      start = end + 1
    }
    return kept
  }
}
