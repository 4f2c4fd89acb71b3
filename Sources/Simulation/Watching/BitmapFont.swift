/// Letters of five columns by seven rows, and one for tails, for the characters of ASCII; any other
/// is a box.
package enum BitmapFont {
  package static let (width, height) = (5, 8)
  /// Columns from one letter to the next.
  static let advance = 6

  /// Whether a letter has ink in a column, from the left, and a row, from the top.
  package static func hasInk(_ character: Character, column: Int, row: Int) -> Bool {
    var glyph = box
    if let code = character.asciiValue, (32..<127).contains(code) {
      glyph = glyphs[Int(code) - 32]
    }
    return glyph >> UInt64(8 * (width - 1 - column) + row) & 1 == 1
  }

  private static let box: UInt64 = 0x7F_41_41_41_7F

  /// From the space to the tilde: a byte a column, the left one first; the lowest bit is on top.
  private static let glyphs: [UInt64] = [
    0x00_00_00_00_00, 0x00_00_5F_00_00, 0x00_07_00_07_00, 0x14_7F_14_7F_14,  // space ! " #
    0x24_2A_7F_2A_12, 0x23_13_08_64_62, 0x36_49_56_20_50, 0x00_00_07_00_00,  // $ % & '
    0x00_1C_22_41_00, 0x00_41_22_1C_00, 0x2A_1C_7F_1C_2A, 0x08_08_3E_08_08,  // ( ) * +
    0x00_50_30_00_00, 0x08_08_08_08_08, 0x00_60_60_00_00, 0x20_10_08_04_02,  // , - . /
    0x3E_51_49_45_3E, 0x00_42_7F_40_00, 0x42_61_51_49_46, 0x21_41_45_4B_31,  // 0 1 2 3
    0x18_14_12_7F_10, 0x27_45_45_45_39, 0x3C_4A_49_49_30, 0x01_71_09_05_03,  // 4 5 6 7
    0x36_49_49_49_36, 0x06_49_49_29_1E, 0x00_36_36_00_00, 0x00_56_36_00_00,  // 8 9 : ;
    0x08_14_22_41_00, 0x14_14_14_14_14, 0x00_41_22_14_08, 0x02_01_51_09_06,  // < = > ?
    0x32_49_79_41_3E, 0x7E_11_11_11_7E, 0x7F_49_49_49_36, 0x3E_41_41_41_22,  // @ A B C
    0x7F_41_41_22_1C, 0x7F_49_49_49_41, 0x7F_09_09_09_01, 0x3E_41_49_49_7A,  // D E F G
    0x7F_08_08_08_7F, 0x00_41_7F_41_00, 0x20_40_41_3F_01, 0x7F_08_14_22_41,  // H I J K
    0x7F_40_40_40_40, 0x7F_02_0C_02_7F, 0x7F_04_08_10_7F, 0x3E_41_41_41_3E,  // L M N O
    0x7F_09_09_09_06, 0x3E_41_51_21_5E, 0x7F_09_19_29_46, 0x46_49_49_49_31,  // P Q R S
    0x01_01_7F_01_01, 0x3F_40_40_40_3F, 0x1F_20_40_20_1F, 0x3F_40_38_40_3F,  // T U V W
    0x63_14_08_14_63, 0x07_08_70_08_07, 0x61_51_49_45_43, 0x00_7F_41_41_00,  // X Y Z [
    0x02_04_08_10_20, 0x00_41_41_7F_00, 0x04_02_01_02_04, 0x40_40_40_40_40,  // \ ] ^ _
    0x00_01_02_04_00, 0x20_54_54_54_78, 0x7F_48_44_44_38, 0x38_44_44_44_20,  // ` a b c
    0x38_44_44_48_7F, 0x38_54_54_54_18, 0x08_7E_09_01_02, 0x18_A4_A4_A4_7C,  // d e f g
    0x7F_08_04_04_78, 0x00_44_7D_40_00, 0x40_80_84_7D_00, 0x7F_10_28_44_00,  // h i j k
    0x00_41_7F_40_00, 0x7C_04_18_04_78, 0x7C_08_04_04_78, 0x38_44_44_44_38,  // l m n o
    0xFC_44_44_44_38, 0x38_44_44_44_FC, 0x7C_08_04_04_08, 0x48_54_54_54_20,  // p q r s
    0x04_3F_44_40_20, 0x3C_40_40_20_7C, 0x1C_20_40_20_1C, 0x3C_40_30_40_3C,  // t u v w
    0x44_28_10_28_44, 0x1C_A0_A0_A0_7C, 0x44_64_54_4C_44, 0x00_08_36_41_00,  // x y z {
    0x00_00_7F_00_00, 0x00_41_36_08_00, 0x10_08_08_10_08,  // | } ~
  ]
}
