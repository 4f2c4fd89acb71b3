import PolicyInterface
import Simulation
import Testing

@Suite struct CanvasTests {
  private let black = Color(0, 0, 0)
  private let white = Color(255, 255, 255)

  /// A canvas as lines of text: # is white, . black, + between them.
  private func text(_ canvas: Canvas) -> [String] {
    (0..<canvas.height).map { y in
      (0..<canvas.width).map { x in
        switch canvas[x, y].red {
        case 0: "."
        case 255: "#"
        default: "+"
        }
      }.joined()
    }
  }

  @Test func rectanglesAreCutAtTheBorder() {
    var canvas = Canvas(width: 5, height: 4, color: black)
    canvas.fill(x: -2, y: -1, width: 4, height: 3, white)
    canvas.fill(x: 4, y: 3, width: 9, height: 9, white)
    canvas.fill(x: 7, y: 0, width: 3, height: 3, white)
    #expect(text(canvas) == ["##...", "##...", ".....", "....#"])
    canvas.fill(x: 0, y: 0, width: 1, height: 1, Color(0, 200, 100), opacity: 0.25)
    #expect(canvas[0, 0] == Color(191, 241, 216))
    #expect(canvas.rgb.count == 60)
  }

  @Test func aLineCoversItsThickness() {
    var canvas = Canvas(width: 9, height: 6, color: black)
    canvas.line(from: SIMD2(2.5, 3), to: SIMD2(6.5, 3), thickness: 2, white)
    // Rows 2 and 3; the round ends touch the pixels beside them.
    #expect(text(canvas)[2] == ".+#####+." && text(canvas)[3] == text(canvas)[2])
    #expect(text(canvas)[1] == "........." && text(canvas)[4] == text(canvas)[1])

    canvas = Canvas(width: 4, height: 4, color: black)
    canvas.line(from: SIMD2(0.5, 0.5), to: SIMD2(3.5, 3.5), thickness: 1, white)
    // Beside the diagonal a pixel's middle is 0.7071 away: 1 - 0.7071 of it is covered, 75 of 255.
    #expect(text(canvas) == ["#+..", "+#+.", ".+#+", "..+#"])
    #expect(canvas[1, 0] == Color(75, 75, 75))

    canvas = Canvas(width: 3, height: 3, color: black)
    canvas.line(from: SIMD2(-50, 1.5), to: SIMD2(50, 1.5), thickness: 1, white)
    #expect(text(canvas) == ["...", "###", "..."])
  }

  @Test func textIsMadeOfFiveBySevenLetters() {
    var canvas = Canvas(width: 17, height: 7, color: black)
    canvas.text("R1é", x: 0, y: 0, scale: 1, white)
    #expect(
      text(canvas) == [
        "####....#...#####",
        "#...#..##...#...#",
        "#...#...#...#...#",
        "####....#...#...#",
        "#.#.....#...#...#",
        "#..#....#...#...#",
        "#...#..###..#####",
      ])
    #expect(Canvas.width(of: "R1é", scale: 1) == 17)

    canvas = Canvas(width: 4, height: 4, color: black)
    canvas.text(".", x: -2, y: -10, scale: 2, white)
    #expect(text(canvas) == ["####", "####", "####", "####"])
  }

  @Test func everyPrintableCharacterHasALetterOfItsOwn() {
    let letters = (32..<127).map { code in
      (0..<BitmapFont.width).flatMap { column in
        (0..<BitmapFont.height).map { row in
          BitmapFont.hasInk(Character(UnicodeScalar(UInt8(code))), column: column, row: row)
        }
      }
    }
    #expect(Set(letters).count == 95)
    #expect(letters.count { !$0.contains(true) } == 1, "only the space is empty")
  }

  /// Twice as large: middles lie at -0.25, 0.25, 0.75, 1.25 of the source's.
  @Test func picturesAreEnlargedBilinearly() {
    let picture = Image(width: 2, height: 1, rgb: [0, 10, 200, 100, 110, 0])
    var canvas = Canvas(width: 6, height: 2, color: black)
    canvas.draw(picture, x: 1, y: 0, width: 4, height: 2)
    for row in 0..<2 {
      #expect(
        (0..<6).map { canvas[$0, row] } == [
          black, Color(0, 10, 200), Color(25, 35, 150), Color(75, 85, 50), Color(100, 110, 0),
          black,
        ])
    }
    canvas.draw(picture, x: 4, y: -1, width: 4, height: 2)
    #expect(canvas[5, 0] == Color(25, 35, 150) && canvas[5, 1] == black)
  }

  @Test func linesAreBrokenBetweenWords() {
    func lines(_ text: String, _ count: Int) -> [String] {
      EpisodeFrames.lines(of: text, width: 12 * 10 - 2, atMost: count)
    }
    #expect(lines("put the cup on the shelf", 3) == ["put the", "cup on the", "shelf"])
    #expect(lines("put the cup on the shelf", 2) == ["put the", "cup on ..."])
    #expect(lines("extraordinarily", 1) == ["extraor..."])
    #expect(lines("  ", 2) == [])
  }
}
