import Foundation
import LeRobot
import Testing

@Suite struct SampleTests {
  /// Every column of the sample, against what LeRobot 0.6.1 gives for the same index.
  @Test(arguments: ["pusht_v30_av1", "pusht_v30_h264", "pusht_v30_images"])
  func goldenSamples(_ name: String) throws {
    let folder = fixtures.appending(path: name)
    let golden = try JSON(path: folder.appending(path: "golden.json").path)
    let dataset = try Dataset(folder: folder.path)
    guard case .array(let items)? = golden["items"] else { fatalError() }
    for item in items {
      guard case .integer(let index)? = item["index"] else { fatalError() }
      let sample = try dataset.sample(at: index, cameras: dataset.cameras)
      for key in [
        "index", "frame_index", "episode_index", "task_index", "task", "next.success", "next.done",
        "next.reward", "intervention", "complementary_info.collector_policy_id",
      ] { #expect(sample[key] == item[key], "\(key) of \(index)") }
      guard case .array(let frames)? = item["observation.image"]?["frame_sha256_pyav_hwc"] else {
        fatalError()
      }
      #expect(sample["observation.image"]?["sha256"] == frames.last)
    }
  }

  @Test func textOfJSON() {
    let value = JSON.object([
      "a": .string("é\"\n\u{1}"),
      "b": .array([.integer(1), .number(1), .number(0.1), .number(.nan)]),
      "c": .object([:]), "d": .array([.array([.bool(true)]), .null]),
    ])
    #expect(
      value.text()
        == #"{"a": "é\"\n\u0001", "b": [1, 1.0, 0.1, NaN], "c": {}, "d": [[true], null]}"#)
    #expect(
      value.text(indent: 1) == """
        {
         "a": "é\\"\\n\\u0001",
         "b": [1, 1.0, 0.1, NaN],
         "c": {},
         "d": [
          [true],
          null
         ]
        }
        """)
  }
}
