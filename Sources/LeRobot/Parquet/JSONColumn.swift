import Platform

/// The type that a column of JSON values has in Parquet.
indirect enum JSONColumnType: Sendable, Equatable {
  /// Of nothing but nulls so far.
  case unknown
  case bool, integer, number, string
  /// Whole numbers from 2^63 on.
  case unsigned
  case list(JSONColumnType)
  case object(NameDictionary<JSONColumnType>)

  init(_ value: JSON) {
    switch value {
    case .null: self = .unknown
    case .bool: self = .bool
    case .integer: self = .integer
    case .unsigned: self = .unsigned
    case .number: self = .number
    case .string: self = .string
    case .array(let elements):
      self = .list(elements.reduce(.unknown) { $0.joined(JSONColumnType($1)) })
    case .object(let members):
      self = .object(NameDictionary(members.map { ($0.key, JSONColumnType($0.value)) }))
    }
  }

  /// The type that holds values of both: text (of JSON) where they have nothing in common.
  func joined(_ other: JSONColumnType) -> JSONColumnType {
    switch (self, other) {
    case (.unknown, let type), (let type, .unknown): return type
    case (.list(let a), .list(let b)): return .list(a.joined(b))
    case (.object(let a), .object(let b)):
      var members = a
      for (key, type) in b { members[key] = members[key]?.joined(type) ?? type }
      return .object(members)
    case (.integer, .number), (.number, .integer), (.unsigned, .number), (.number, .unsigned):
      return .number
    default: return self == other ? self : .string
    }
  }

  /// Whole numbers and booleans as numbers: what LeRobot makes of statistics.
  var asNumbers: JSONColumnType {
    switch self {
    case .bool, .integer, .unsigned: .number
    case .list(let element): .list(element.asNumbers)
    default: self
    }
  }
}

extension ParquetColumn {
  /// A column of JSON values; null where one is null or is not of the type.
  init(_ values: [JSON], type: JSONColumnType) {
    let column: ParquetColumn
    var valid = [Bool](repeating: true, count: values.count)
    func leaves<T>(_ missing: T, _ convert: (JSON) -> T?) -> [T] {
      values.enumerated().map { i, value in
        let converted = convert(value)
        if converted == nil { valid[i] = false }
        return converted ?? missing
      }
    }
    switch type {
    case .bool: column = .bool(leaves(false, \.bool))
    case .integer: column = .int64(leaves(0, \.int))
    case .unsigned: column = .uint64(leaves(0, \.uint64))
    case .number:
      column = .float64(leaves(0) { value in value.double ?? value.bool.map { $0 ? 1 : 0 } })
    case .unknown, .string:
      column = .string(
        leaves("") { value in value.string ?? (value.isNull ? nil : value.text()) })
    case .list(let element):
      let lists = leaves([], \.array)
      column = .list(
        ParquetColumn(Array(lists.joined()), type: element), lengths: lists.map(\.count))
    case .object(let members):
      let objects = leaves([:], \.object)
      column = .structure(
        members.keys.sorted().map { key in
          (key, ParquetColumn(objects.map { $0[key] ?? .null }, type: members[key]!))
        })
    }
    self = valid.contains(false) ? .optional(column, valid: valid) : column
  }
}
