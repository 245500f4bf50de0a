/// `cpperon log`: dumps a log file, in use or left behind. spec: 06 §24.7
#include <cstddef>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/command.hpp"
#include "tools/log_dump.hpp"
#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    std::string file;
    std::size_t payload_limit = whole_payload;
    bool is_without_frames = false;
    bool is_json = false;
};

int run(const Options& options) {
    const auto log = logbuffer::RawLog::open(options.file);
    fmt::print("{}", options.is_json ? json_line(metadata_as_json(log)) + '\n' : metadata_as_text(log));
    for (std::int32_t index = 0; index < logbuffer::partition_count; ++index) {
        if (!options.is_json) {
            fmt::print("{}", term_as_text(log, index));
        }
        if (options.is_without_frames) {
            continue;
        }
        for (const LogPiece& piece : pieces_of_term(log.term(index))) {
            fmt::print("{}", options.is_json ? json_line(piece_as_json(log, index, piece, options.payload_limit)) + '\n'
                                             : piece_as_text(log, piece, options.payload_limit));
        }
    }
    return 0;
}

}  // namespace

Action add_log(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    command.add_option("file", options->file, "As publications/42.logbuffer in a driver's directory")
        ->required()
        ->type_name("path");
    command.add_option("-l,--limit", options->payload_limit, "Bytes to show of each payload (default: all)")
        ->type_name("bytes");
    command.add_flag("--no-frames", options->is_without_frames, "The metadata and tails only");
    command.add_flag("--json", options->is_json, "As JSON objects: a line with the metadata, then one for each piece");
    return [options] { return run(*options); };
}

}  // namespace cpperon::tools
