/// `cpperon errors`: the distinct errors that a driver met, from its CnC file or from a file that has an error log.
/// spec: 06 §24.2
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "tools/command.hpp"
#include "tools/driver_option.hpp"
#include "tools/reports.hpp"
#include "tools/text.hpp"
#include "tools/time_option.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverOption driver;
    std::string file;
    std::size_t offset = 0;
    std::string since;
    bool is_json = false;
};

/// The log of a file, which need not begin at an aligned offset: it is copied to where it is.
std::vector<ErrorRow> errors_of_file(const Options& options) {
    const MappedFile file = MappedFile::open(options.file, Access::read_only);
    const std::span<const std::byte> bytes = file.bytes();
    if (options.offset > bytes.size()) {
        throw InvalidArgumentError(fmt::format("offset {} is beyond the end of '{}', which has {} bytes",
                                               options.offset, options.file, bytes.size()));
    }
    const std::span<const std::byte> log = bytes.subspan(options.offset);
    std::vector<std::int64_t> aligned(log.size() / sizeof(std::int64_t) + 1);
    if (!log.empty()) {
        std::memcpy(aligned.data(), log.data(), log.size());
    }
    std::vector<ErrorRow> errors;
    ErrorLogReader{std::as_bytes(std::span{aligned})}.for_each([&errors](const ErrorObservation& error) {
        errors.push_back({error.count, error.first_ms, error.last_ms, std::string{error.text}});
    });
    return errors;
}

int run(const Options& options) {
    const std::int64_t since_ms =
        options.since.empty() ? 0 : parse_moment(options.since, SystemEpochClock::instance().epoch_ms());
    nlohmann::json json = nlohmann::json::object();
    std::vector<ErrorRow> errors;
    if (options.file.empty()) {
        DriverSnapshot snapshot = take_snapshot(options.driver.open());
        json["driver"] = driver_as_json(snapshot);
        errors = std::move(snapshot.errors);
    } else {
        json["file"] = options.file;
        errors = errors_of_file(options);
    }
    std::erase_if(errors, [since_ms](const ErrorRow& error) { return error.last_ms < since_ms; });
    if (options.is_json) {
        json["errors"] = errors;
        fmt::print("{}\n", json_line(json));
    } else {
        fmt::print("{}", errors_as_text(errors));
    }
    return 0;
}

}  // namespace

Action add_errors(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->driver.add_to(command);
    CLI::Option* const file =
        command.add_option("-f,--file", options->file, "An error log in a file, instead of a driver's directory")
            ->type_name("path");
    command.add_option("-o,--offset", options->offset, "Where the log begins in that file, in bytes (default: 0)")
        ->needs(file)
        ->type_name("bytes");
    command
        .add_option("--since", options->since,
                    "Only errors last seen then or later: '2024-05-01 10:11', or a time ago as 90s, 15min, 2h, 1d")
        ->type_name("moment");
    command.add_flag("--json", options->is_json, "As one JSON object");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
