import CArrow
import Platform

/// The key `huggingface` of a Parquet file's metadata: the types of its columns as the Python
/// package `datasets` names them. Without it pictures are read as their bytes.
enum HuggingFaceFeatures {
  /// Of columns that are recorded.
  static func metadata(
    of columns: ParquetWriter.Columns, _ features: [RecordedFeature], _ version: DatasetVersion
  ) -> [(String, String)] {
    metadata(types(columns), info: declared(features), version: version).map { [$0] } ?? []
  }

  /// Of columns that are recorded.
  static func fieldMetadata(
    of columns: ParquetWriter.Columns, _ features: [RecordedFeature]
  ) -> NameDictionary<[(String, String)]> {
    fieldMetadata(types(columns), info: declared(features))
  }

  private static func declared(_ features: [RecordedFeature]) -> NameDictionary<DatasetInfo.Feature>
  {
    NameDictionary(features.map { ($0.key, $0.declared) })
  }

  private static func types(
    _ columns: ParquetWriter.Columns
  ) -> [(name: String, type: ArrowType)] {
    var schema = ArrowExport.schema(columns)
    defer { schema.release(&schema) }
    return columns.enumerated().map { i, column in
      (column.name, ArrowType(UnsafePointer(schema.children[i]!)))
    }
  }

  /// Nil where a type has no name there.
  ///
  /// - Parameters:
  ///   - columns: names and types, in the file's order.
  ///   - version: before v3.0 a list is called Sequence, after the `datasets` of its time.
  static func metadata(
    _ columns: [(name: String, type: ArrowType)], info: NameDictionary<DatasetInfo.Feature>,
    version: DatasetVersion
  ) -> (String, String)? {
    if columns.contains(where: { $0.type.isUnknown }) { return nil }
    let list = version == .v21 ? "Sequence" : "List"
    let features = columns.map { name, type in
      (key: name, value: feature(type, info[name], list: list))
    }
    let object = JSON.object(["info": .object(["features": .object(JSONObject(features))])])
    return ("huggingface", object.text())
  }

  /// The metadata of the columns of two to five dimensions, which `datasets` stores as extension
  /// types.
  static func fieldMetadata(
    _ columns: [(name: String, type: ArrowType)], info: NameDictionary<DatasetInfo.Feature>
  ) -> NameDictionary<[(String, String)]> {
    var metadata: NameDictionary<[(String, String)]> = [:]
    for (name, type) in columns {
      guard let feature = info[name], isArray(type, feature) else { continue }
      metadata[name] = fieldMetadata(of: name, feature)
    }
    return metadata
  }

  /// The metadata of one column in the type that a feature declares.
  static func fieldMetadata(
    of name: String, _ feature: DatasetInfo.Feature
  ) -> [(String, String)] {
    guard (2...5).contains(feature.shape.count), !feature.isCamera else { return [] }
    let shape = JSON.array(feature.shape.map(JSON.integer))
    return [
      ("ARROW:extension:metadata", JSON.array([shape, .string(feature.dtype)]).text()),
      (
        "ARROW:extension:name",
        "datasets.features.features.Array\(feature.shape.count)DExtensionType"
      ),
    ]
  }

  private static func isArray(_ type: ArrowType, _ feature: DatasetInfo.Feature) -> Bool {
    (2...5).contains(feature.shape.count) && type.listDepth == feature.shape.count
      && !feature.isCamera
  }

  private static func feature(
    _ type: ArrowType, _ feature: DatasetInfo.Feature?, list: String
  ) -> JSON {
    if feature?.dtype == "image" { return .object(["_type": .string("Image")]) }
    if let feature, isArray(type, feature) {
      return .object([
        "shape": .array(feature.shape.map(JSON.integer)), "dtype": .string("\(type.leaf)"),
        "_type": .string("Array\(feature.shape.count)D"),
      ])
    }
    switch type {
    case .list(let element, _):
      return .object([
        "feature": self.feature(element, nil, list: list), "_type": .string(list),
      ])
    case .fixedList(let element, let length):
      return .object([
        "feature": self.feature(element, nil, list: list), "length": .integer(length),
        "_type": .string(list),
      ])
    case .structure(let members, let order):
      return .object(
        JSONObject(
          order.map { (key: $0, value: self.feature(members[$0]!, nil, list: list)) }))
    case .dictionary(_, let values): return self.feature(values, nil, list: list)
    default:
      return .object(["dtype": .string(name(type)), "_type": .string("Value")])
    }
  }

  private static func name(_ type: ArrowType) -> String {
    if case .bytes(let wide, let text) = type {
      return (wide ? "large_" : "") + (text ? "string" : "binary")
    }
    return "\(type)"
  }
}

extension ArrowType {
  /// Whether it is or holds a type that is not read here.
  fileprivate var isUnknown: Bool {
    switch self {
    case .other: true
    case .list(let element, _), .fixedList(let element, _): element.isUnknown
    case .structure(let members, _): members.values.contains(where: \.isUnknown)
    case .dictionary(_, let values): values.isUnknown
    default: false
    }
  }

  /// How many lists are around the leaves.
  var listDepth: Int {
    switch self {
    case .list(let element, _), .fixedList(let element, _): 1 + element.listDepth
    default: 0
    }
  }

  /// What the lists are of.
  var leaf: ArrowType {
    switch self {
    case .list(let element, _), .fixedList(let element, _): element.leaf
    default: self
    }
  }
}
