import Foundation
import LeRobot
import Testing

/// LeRobot 0.6.1 reads in copies, message by message, what it read in the datasets that it made.
///
/// Runs where `RECAP_LEROBOT_061` names a Python with it.
@Suite(.serialized) struct LanguageInterchangeTests {
  static let isThere = LeRobotPeer.writesV30.python != nil
  static let comment: Comment = "set RECAP_LEROBOT_061 to a Python with LeRobot 0.6.1"

  /// What LeRobot reads of every frame.
  private func read(_ path: String) throws -> [JSON] {
    let dump = try LeRobotPeer.writesV30.dump(Folder(url: URL(filePath: path)))
    return try #require(dump["items"]?.elements).map { try #require($0["values"]) }
  }

  private func messages(_ item: JSON) -> [JSON] {
    LanguageTests.columns.map { item[$0] ?? .null }
  }

  /// Numbers are LeRobot's float32.
  private func isSame(_ a: JSON, _ b: JSON) -> Bool {
    if let x = a.asDouble, let y = b.asDouble { return Float(x) == Float(y) }
    if let x = a.object, let y = b.object {
      return x.count == y.count
        && x.allSatisfy { key, value in y[key].map { isSame(value, $0) } ?? false }
    }
    guard let x = a.elements, let y = b.elements else { return a == b }
    return x.count == y.count && zip(x, y).allSatisfy(isSame)
  }

  @Test(
    .enabled(if: isThere, comment),
    arguments: ["annotated", "other_types", "advantage", "json_calls"])
  func copiesAreReadAlike(_ name: String) throws {
    try withFolder("alike-\(name)") { folder in
      let dataset = try LanguageTests.dataset(name)
      let before = try read(dataset.folder)
      let ours = try LanguageTests.messages(dataset)
      for (theirs, ours) in zip(before, ours) {
        #expect(zip(messages(theirs), ours).allSatisfy(isSame), "\(theirs), \(ours)")
      }
      try DatasetCopy(dataset.copies).write(to: folder.path, version: .v30)
      let after = try read(folder.path)
      #expect(after.count == before.count && before.count == dataset.frameCount)
      for (a, b) in zip(before, after) { #expect(isSame(a, b), "\(a), \(b)") }
    }
  }

  /// LeRobot 0.3.3 loads what is left in v2.1.
  @Test(
    .enabled(
      if: LeRobotPeer.writesV21.python != nil,
      "set RECAP_LEROBOT_033 to a Python with LeRobot 0.3.3"
    )) func copiesInV21AreRead() throws
  {
    try withFolder("language-v21") { folder in
      let dataset = try LanguageTests.dataset("annotated")
      try DatasetCopy(dataset.copies).write(to: folder.path, version: .v21)
      let dump = try LeRobotPeer.writesV21.dump(folder)
      let items = try #require(dump["items"]?.elements)
      #expect(items.count == 15)
      for (index, item) in items.enumerated() {
        let sample = try dataset.sample(at: index, cameras: [])
        #expect(item["values"]?["action"] == sample["action"])
      }
    }
  }

  /// Columns of three types, one without messages, and one whose rows have other times.
  @Test(.enabled(if: isThere, comment)) func mergedDatasetsAreReadAlike() throws {
    try withFolder("merged-alike") { folder in
      let plain = try LanguageDataset().write(to: Folder(url: folder.url("plain")))
      let parts = try ["annotated", "other_types", "json_calls"].map(LanguageTests.dataset)
      let merged = folder.path + "/merged"
      try DatasetCopy((parts + [plain]).flatMap(\.copies)).write(to: merged, version: .v30)
      let wanted =
        try parts.flatMap { try read($0.folder).map(messages) }
        + Array(repeating: [.array([]), .array([])], count: plain.frameCount)
      let found = try read(merged).map(messages)
      #expect(found.count == wanted.count)
      for (a, b) in zip(found, wanted) { #expect(zip(a, b).allSatisfy(isSame), "\(a), \(b)") }
      let again = try Dataset(folder: merged)
      let times = folder.path + "/times"
      try DatasetCopy(again.copies, rewritesTimes: true).write(to: times, version: .v30)
      for (a, b) in zip(try read(times).map(messages), wanted) {
        #expect(zip(a, b).allSatisfy(isSame), "\(a), \(b)")
      }
    }
  }
}
