import CArrow
import Platform

/// The type of a Parquet column, from the format string of the Arrow C Data Interface.
indirect enum ArrowType: Equatable, CustomStringConvertible {
  /// Of nothing but nulls.
  case null
  case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64
  case bytes(wide: Bool, text: Bool)
  case list(ArrowType, wide: Bool)
  case fixedList(ArrowType, Int)
  case structure(NameDictionary<ArrowType>, order: [String])
  case dictionary(index: ArrowType, values: ArrowType)
  case other(String)

  init(_ schema: UnsafePointer<ArrowSchema>) {
    let format = String(cString: schema.pointee.format)
    if let dictionary = schema.pointee.dictionary {
      self = .dictionary(index: ArrowType(format: format, schema), values: ArrowType(dictionary))
    } else {
      self = ArrowType(format: format, schema)
    }
  }

  private init(format: String, _ schema: UnsafePointer<ArrowSchema>) {
    func child(_ i: Int) -> UnsafePointer<ArrowSchema> {
      UnsafePointer(schema.pointee.children[i]!)
    }
    switch format {
    case "n": self = .null
    case "b": self = .bool
    case "c": self = .int8
    case "C": self = .uint8
    case "s": self = .int16
    case "S": self = .uint16
    case "i": self = .int32
    case "I": self = .uint32
    case "l": self = .int64
    case "L": self = .uint64
    case "e": self = .float16
    case "f": self = .float32
    case "g": self = .float64
    case "u": self = .bytes(wide: false, text: true)
    case "U": self = .bytes(wide: true, text: true)
    case "z": self = .bytes(wide: false, text: false)
    case "Z": self = .bytes(wide: true, text: false)
    case "+l": self = .list(ArrowType(child(0)), wide: false)
    case "+L": self = .list(ArrowType(child(0)), wide: true)
    case "+s":
      let members = (0..<Int(schema.pointee.n_children)).map {
        (String(cString: child($0).pointee.name), ArrowType(child($0)))
      }
      self = .structure(
        NameDictionary(members.reversed()), order: members.map(\.0))
    default:
      if format.hasPrefix("+w:"), let width = Int(format.dropFirst(3)) {
        self = .fixedList(ArrowType(child(0)), width)
      } else {
        self = .other(format)
      }
    }
  }

  /// Whether its values are numbers or booleans, each by itself.
  var isNumber: Bool {
    switch self {
    case .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float16,
      .float32, .float64:
      true
    case .dictionary(_, let values): values.isNumber
    default: false
    }
  }

  /// Whether its values are texts.
  var isText: Bool {
    switch self {
    case .bytes(_, let text): text
    case .dictionary(_, let values): values.isText
    default: false
    }
  }

  var description: String {
    switch self {
    case .bytes(_, let text): text ? "string" : "binary"
    case .list(let element, _): "list<\(element)>"
    case .fixedList(let element, let width): "list<\(element)>[\(width)]"
    case .structure(let members, let order):
      "struct<\(order.map { "\($0): \(members[$0]!)" }.joined(separator: ", "))>"
    case .dictionary(_, let values): "\(values)"
    case .other(let format): ArrowType.name(ofFormat: format)
    case .null: "null"
    case .bool: "bool"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .uint16: "uint16"
    case .int32: "int32"
    case .uint32: "uint32"
    case .int64: "int64"
    case .uint64: "uint64"
    case .float16: "float16"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}
