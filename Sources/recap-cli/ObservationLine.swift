internal import Foundation
internal import LeRobot
internal import PolicyInterface

extension Observation {
  /// Reads an observation from a line of JSON.
  ///
  /// - Parameter cameras: those the policy sees; with one of them "image" may stand for "images".
  /// Throws when the line is not such an object, or a picture cannot be read.
  init(jsonLine line: String, cameras: [String]) throws {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    else {
      throw ObservationLineError(
        description:
          "not a JSON object; wanted {\"images\": {…}, \"state\": […], \"instruction\": \"…\"}")
    }
    let known: Set = ["images", "image", "state", "instruction"]
    if let unknown = object.keys.first(where: { !known.contains($0) }) {
      throw ObservationLineError(
        description: "unknown key '\(unknown)'; wanted images (or image), state, instruction")
    }
    var pictures: [String: String] = [:]
    if let images = object["images"] {
      guard let images = images as? [String: String] else {
        throw ObservationLineError(
          description: "'images' is not an object from camera to picture (a path or base64)")
      }
      pictures = images
    }
    if let image = object["image"] {
      guard let image = image as? String, cameras.count == 1 else {
        throw ObservationLineError(
          description: "'image' wanted one picture of one camera; this policy sees "
            + cameras.joined(separator: ", "))
      }
      pictures[cameras[0]] = image
    }
    var state: [Float]?
    if let values = object["state"] {
      guard let numbers = values as? [NSNumber] else {
        throw ObservationLineError(description: "'state' is not a list of numbers")
      }
      state = numbers.map(\.floatValue)
    }
    guard let instruction = (object["instruction"] ?? "") as? String else {
      throw ObservationLineError(description: "'instruction' is not text")
    }
    self.init(
      images: try pictures.filter { cameras.contains($0.key) }
        .mapValues { try PolicyInterface.Image(pathOrBase64: $0) },
      state: state, instruction: instruction)
  }
}

extension PolicyInterface.Image {
  /// Reads a picture from a file, or from base64 text.
  fileprivate init(pathOrBase64 text: String) throws {
    let picture: LeRobot.Image
    if text.hasPrefix("data:") {
      let encoded = text.drop { $0 != "," }.dropFirst()
      picture = try Self.decode(base64: String(encoded), shown: text)
    } else if FileManager.default.fileExists(atPath: text) {
      picture = try LeRobot.Image.read(text)
    } else {
      picture = try Self.decode(base64: text, shown: text)
    }
    self.init(width: picture.width, height: picture.height, rgb: picture.pixels)
  }

  private static func decode(base64 text: String, shown: String) throws -> LeRobot.Image {
    guard text.utf8.count > 64, let data = Data(base64Encoded: text) else {
      throw ObservationLineError(
        description: "'\(shown.prefix(80))' is neither a picture's path nor one in base64")
    }
    return try LeRobot.Image.decode(Array(data), name: "the picture in base64")
  }
}
