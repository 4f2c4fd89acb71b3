import Foundation
import Platform

/// A run in W&B's own offline format, for `wandb sync` to upload later: no network, no Python.
///
/// Written as W&B's client 0.31 does: `<folder>/wandb/offline-run-<time>-<id>/run-<id>.wandb`. Each
/// record is on disk when the call returns; a killed run syncs as failed, with all its history.
/// `global_step` is the x axis of every metric; W&B's own `_step` counts the records.
public final class WandbOfflineRun: MetricSink {
  /// The folder of the run, what `wandb sync` is given.
  public let folder: String
  /// Eight letters and digits that name the run in its project.
  public let runID: String

  private let file: LogFile
  private var log = WandbLog()
  private var recordCount = 0
  private var stepCount = 0
  private let clock: () -> Double
  private let start: Double
  private var summary: [(name: String, json: String)] = []
  private var summaryPlaces: [String: Int] = [:]
  private var lastSummary: Double

  /// Seconds between two summaries, which a run that is killed will have.
  private static let summaryInterval = 30.0

  /// Makes the run's folder below `folder`/wandb and writes its first records.
  ///
  /// - Parameters:
  ///   - name: The run's display name; nil lets W&B choose one.
  ///   - configuration: A value that encodes as a JSON object; its keys become W&B's config.
  /// - Throws: ``TrackingError`` when something cannot be written.
  public convenience init(
    folder: String, project: String, name: String? = nil, notes: String? = nil,
    configuration: some Encodable
  ) throws {
    try self.init(
      folder: folder, project: project, name: name, notes: notes, configuration: configuration,
      runID: Self.randomID(), clock: { Date().timeIntervalSince1970 })
  }

  package init(
    folder: String, project: String, name: String?, notes: String?,
    configuration: some Encodable, runID: String, clock: @escaping () -> Double
  ) throws {
    self.runID = runID
    self.clock = clock
    start = clock()
    lastSummary = start
    let root = folder + "/wandb"
    let runName = "offline-run-\(Self.localTime(start))-\(runID)"
    self.folder = root + "/" + runName
    for inner in ["files", "logs", "tmp/code"] {
      try makeFolder(self.folder + "/" + inner)
    }
    Self.link(root + "/latest-run", to: runName)
    file = try LogFile(self.folder + "/run-\(runID).wandb", exclusive: true)
    try file.append(log.header())
    try begin(
      project: project, name: name, notes: notes, configuration: try Self.members(configuration))
  }

  public func log(_ record: MetricRecord) throws {
    let time = clock()
    var items = record.values.map { (name: $0.name, json: Self.json($0.value)) }
    items.append(("stage", JSONText.quoted(record.stage)))
    items.append(("global_step", String(record.globalStep)))
    items.append(("_timestamp", Self.json(time)))
    items.append(("_runtime", Self.json(time - start)))
    items.append(("_step", String(stepCount)))
    try write { message in
      message.message(2) { history in
        for item in items { history.item(1, [item.name], item.json) }
        history.message(2) { $0.integer(1, self.stepCount) }
      }
    }
    stepCount += 1
    for item in items {
      if let place = summaryPlaces[item.name] {
        summary[place].json = item.json
      } else {
        summaryPlaces[item.name] = summary.count
        summary.append(item)
      }
    }
    if time - lastSummary >= Self.summaryInterval { try writeSummary(at: time) }
  }

  public func finish(exitCode: Int) throws {
    let time = clock()
    try writeSummary(at: time)
    try write { message in
      message.message(18) { exit in
        exit.integer(1, exitCode)
        exit.integer(2, Int(time - self.start))
      }
    }
  }

  // MARK: - Records; the numbers are the fields of wandb_internal.proto

  private func begin(
    project: String, name: String?, notes: String?,
    configuration: [(name: String, json: String)]
  ) throws {
    try write { message in
      message.message(21) { header in
        header.message(1) { version in
          version.string(1, "recap")
          version.string(2, "0.70.0")  // the oldest client that can read the file
        }
      }
    }
    let host = ProcessInfo.processInfo.hostName
    try write { message in
      message.message(17) { run in
        run.string(1, self.runID)
        run.string(3, project)
        run.message(4) { config in
          for item in configuration { config.item(1, [item.name], item.json) }
        }
        if let name { run.string(8, name) }
        if let notes { run.string(9, notes) }
        run.string(13, host)
        run.timestamp(17, self.start)
      }
    }
    try write { message in
      message.message(26) { environment in
        environment.string(1, ProcessInfo.processInfo.operatingSystemVersionString)
        environment.timestamp(3, self.start)
        environment.string(6, CommandLine.arguments.first ?? "recap")
        environment.string(12, host)
        environment.integer(17, ProcessInfo.processInfo.processorCount)
        environment.string(199, (self.folder as NSString).lastPathComponent)
      }
    }
    try write { message in
      message.message(12) { metric in
        metric.string(1, "global_step")
        metric.message(6) { $0.integer(3, 1) }
      }
    }
    try write { message in
      message.message(12) { metric in
        metric.string(2, "*")
        metric.string(4, "global_step")
        metric.message(6) { options in
          options.integer(1, 1)
          options.integer(3, 1)
        }
      }
    }
  }

  private func writeSummary(at time: Double) throws {
    lastSummary = time
    try write { message in
      message.message(3) { record in
        for item in self.summary { record.item(1, [item.name], item.json) }
        record.item(1, ["_wandb", "runtime"], String(Int(time - self.start)))
      }
    }
  }

  private func write(_ body: (inout ProtoWriter) -> Void) throws {
    recordCount += 1
    var message = ProtoWriter()
    message.integer(1, recordCount)
    body(&message)
    message.message(200) { $0.string(1, self.runID) }
    try file.append(log.chunks(of: message.bytes))
  }

  // MARK: - Values

  /// W&B writes what is not finite bare, as Python's JSON does.
  private static func json(_ value: Double) -> String {
    JSONText.number(value) ?? (value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
  }

  /// The members of a value that encodes as a JSON object, sorted by name.
  private static func members(_ value: some Encodable) throws -> [(name: String, json: String)] {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    guard
      let data = try? encoder.encode(value),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { throw TrackingError("The run's configuration does not encode as a JSON object.") }
    return try object.sorted { $0.key < $1.key }.map { name, value in
      let data = try JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
      return (name, String(decoding: data, as: UTF8.self))
    }
  }

  private static func randomID() -> String {
    String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement()! })
  }

  /// `20261122_190301` in the machine's time zone.
  private static func localTime(_ time: Double) -> String {
    var seconds = time_t(time)
    var parts = tm()
    localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y%m%d_%H%M%S", &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Points a symbolic link elsewhere in one step; a link that cannot be made is done without.
  private static func link(_ path: String, to target: String) {
    let temporary = path + ".\(getpid())"
    unlink(temporary)
    if symlink(target, temporary) == 0 && rename(temporary, path) != 0 { unlink(temporary) }
  }
}

extension ProtoWriter {
  /// An item of a history, summary or config: a path of keys and the value as JSON.
  fileprivate mutating func item(_ field: Int, _ path: [String], _ json: String) {
    message(field) { item in
      for key in path { item.string(2, key) }
      item.string(16, json)
    }
  }

  /// google.protobuf.Timestamp.
  fileprivate mutating func timestamp(_ field: Int, _ time: Double) {
    message(field) { timestamp in
      let seconds = time.rounded(.down)
      timestamp.integer(1, Int(seconds))
      timestamp.integer(2, Int((time - seconds) * 1e9))
    }
  }
}
