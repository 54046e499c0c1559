import Spelling

/// Reads arguments: long options as `--name value` or `--name=value`, flags as `--name`, everything after `--` an operand.
package enum ArgumentParser {
    package static func parse(_ arguments: ArraySlice<String>, for command: Command) throws -> Invocation {
        var operands: [String] = []
        var values: [String: String] = [:]
        var flags: Set<String> = []
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                operands.append(argument)
                continue
            }
            let (name, attached) = split(argument)
            guard let option = command.options.first(where: { "--\($0.name)" == name }) else {
                throw unknown(name, command)
            }
            guard option.placeholder != nil else {
                guard attached == nil else { throw UsageError("\(name) takes no value") }
                flags.insert(option.name)
                continue
            }
            guard let value = attached ?? rest.popFirst() else {
                throw UsageError("\(name) needs a value: \(name) \(option.placeholder ?? "")")
            }
            guard values.updateValue(value, forKey: option.name) == nil else {
                throw UsageError("\(name) is given twice")
            }
        }
        guard command.operandCount.contains(operands.count) else {
            throw UsageError(
                operands.count < command.operandCount.lowerBound
                    ? "\(command.operands) is missing" : "\(operands[command.operandCount.upperBound]) is one too many")
        }
        return Invocation(operands: operands, values: values, flags: flags)
    }

    private static func split(_ argument: String) -> (name: String, value: String?) {
        guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }

    private static func unknown(_ name: String, _ command: Command) -> UsageError {
        let known = command.options.map { "--\($0.name)" } + ["--help"]
        let near = nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return UsageError("\(command.name) knows no option \(name)\(near)")
    }
}
