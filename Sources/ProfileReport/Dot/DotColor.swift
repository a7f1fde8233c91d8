import Glibc

/// The colours of a graph: red for what costs, green for what saves, grey for what does neither.
enum DotColor {
    /// The colour of lines for a share between -1 and 1.
    static func line(_ share: Double) -> String { colour(share, saturation: 1, value: 0.7) }

    /// The colour behind text.
    static func fill(_ share: Double) -> String { colour(share, saturation: 0.1, value: 0.93) }

    private static func colour(_ share: Double, saturation fullSaturation: Double, value: Double) -> String {
        var score = share.isNaN ? share : max(-1, min(1, share))
        var saturation = fullSaturation
        // Near 0 the colour fades to grey, where it would be yellow.
        if score.magnitude < 0.2 { saturation *= score.magnitude / 0.2 }
        // Small shares are moved away from grey, which makes use of more colours.
        if score > 0 { score = pow(score, 1 - 0.7) }
        if score < 0 { score = -pow(-score, 1 - 0.7) }
        let (red, green): (Double, Double)
        if score < 0 {
            (red, green) = (value * (1 + saturation * score), value)
        } else {
            (red, green) = (value, value * (1 - saturation * score))
        }
        return "#" + hexadecimal(red) + hexadecimal(green) + hexadecimal(value * (1 - saturation))
    }

    private static func hexadecimal(_ part: Double) -> String {
        let byte = UInt8(exactly: (part * 255).rounded(.towardZero)) ?? 0
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
