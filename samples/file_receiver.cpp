/// Receives files from file senders into a folder. A file gets its name when it is complete; what is incomplete when
/// its sender goes is deleted. spec: 07 §H.4

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/file_transfer.hpp"
#include "samples/reports.hpp"

namespace {

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::string folder = ".";
    std::int64_t files = 0;
};

/// A file on its way: written as `<name>.part`.
struct IncomingFile {
    std::filesystem::path path;
    std::filesystem::path part_path;
    std::ofstream part;
    std::int64_t length = 0;
    std::int64_t received = 0;
};

/// Correlation ids are unique for one sender's driver; with the session they are for all senders.
using FileId = std::pair<std::int32_t, std::int64_t>;

class Folder {
public:
    explicit Folder(std::string path) : path_(std::move(path)) {}
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        for (const auto& [id, file] : files_) {
            discard(file);
        }
    }

    [[nodiscard]] std::int64_t completed() const noexcept { return completed_; }

    void on_message(const std::span<const std::byte> message, const cpperon::Header& header) {
        const auto decoded = samples::decode_file_message(message);
        if (!decoded) {
            fmt::print(stderr, "session {}: {}\n", header.session_id(), decoded.error().message);
        } else if (const auto* const start = std::get_if<samples::FileStart>(&*decoded)) {
            begin({header.session_id(), start->correlation_id}, *start);
        } else {
            append({header.session_id(), std::get<samples::FileChunk>(*decoded).correlation_id},
                   std::get<samples::FileChunk>(*decoded));
        }
    }

    void on_session_gone(const std::int32_t session_id) {
        std::erase_if(files_, [session_id](const auto& entry) {
            const bool is_of_session = entry.first.first == session_id;
            if (is_of_session) {
                discard(entry.second);
            }
            return is_of_session;
        });
    }

private:
    static void discard(const IncomingFile& file) {
        fmt::print(stderr, "deleted '{}', of which {} of {} bytes came\n", file.part_path.string(), file.received,
                   file.length);
        std::error_code ignored;  // it may have been moved away meanwhile
        std::filesystem::remove(file.part_path, ignored);
    }

    void begin(const FileId& id, const samples::FileStart& start) {
        // The name is somebody else's: it must not lead out of the folder.
        if (start.name.empty() || start.name == "." || start.name == ".." ||
            start.name.find_first_of(std::string_view{"/\0", 2}) != std::string_view::npos) {
            fmt::print(stderr, "session {}: refused a file named '{}': a name without '/' is expected\n", id.first,
                       start.name);
            return;
        }
        IncomingFile file;
        file.path = path_ / start.name;
        file.part_path = file.path;
        file.part_path += fmt::format(".{}-{}.part", id.first, id.second);
        file.length = start.file_length;
        file.part.open(file.part_path, std::ios::binary);
        if (!file.part) {
            fmt::print(stderr, "session {}: cannot write '{}': the file is left out\n", id.first,
                       file.part_path.string());
            return;
        }
        fmt::print("receiving '{}', {} bytes\n", file.path.string(), file.length);
        const auto [entry, is_new] = files_.insert_or_assign(id, std::move(file));
        complete_if_whole(entry);
    }

    void append(const FileId& id, const samples::FileChunk& chunk) {
        const auto entry = files_.find(id);
        if (entry == files_.end()) {
            return;  // we came after its start, or refused its name
        }
        IncomingFile& file = entry->second;
        const auto length = static_cast<std::int64_t>(chunk.bytes.size());
        if (chunk.offset != file.received || length > file.length - file.received) {  // a stream keeps its order
            fmt::print(stderr, "session {}: '{}' has {} of {} bytes, but {} came for offset {}\n", id.first,
                       file.path.string(), file.received, file.length, length, chunk.offset);
            return;
        }
        if (!file.part.write(reinterpret_cast<const char*>(chunk.bytes.data()), length)) {
            throw std::runtime_error(fmt::format("cannot write to '{}': is the disk full?", file.part_path.string()));
        }
        file.received += length;
        complete_if_whole(entry);
    }

    void complete_if_whole(const std::map<FileId, IncomingFile>::iterator entry) {
        IncomingFile& file = entry->second;
        if (file.received < file.length) {
            return;
        }
        file.part.close();
        std::error_code error;
        std::filesystem::rename(file.part_path, file.path, error);
        if (!file.part || error) {
            fmt::print(stderr, "cannot give '{}' its name: {}\n", file.path.string(), error.message());
            discard(file);
        } else {
            fmt::print("received '{}', {} bytes\n", file.path.string(), file.length);
            ++completed_;
        }
        files_.erase(entry);
    }

    std::filesystem::path path_;
    std::map<FileId, IncomingFile> files_;
    std::int64_t completed_ = 0;
};

void receive(const Options& options) {
    Folder folder{options.folder};
    // In invoker mode the handlers of images run inside `do_work`: between polls, on this thread.
    auto aeron =
        cpperon::Aeron::connect({.directory = options.directory, .client_name = "file receiver", .invoker_mode = true});
    cpperon::ImageHandlers handlers = samples::report_images();
    handlers.on_unavailable = [&](const cpperon::Image& image) {
        folder.on_session_gone(static_cast<std::int32_t>(image.session_id()));
    };
    const auto subscription = aeron.add_subscription(options.channel, options.stream_id, std::move(handlers));
    samples::report_ready("Receiving", subscription);

    cpperon::FragmentAssembler assembler{[&](const std::span<const std::byte> message, const cpperon::Header& header) {
        folder.on_message(message, header);
    }};
    cpperon::BackoffIdleStrategy idle;
    while (samples::goes_on(aeron) && (options.files == 0 || folder.completed() < options.files)) {
        idle.idle(aeron.do_work() + subscription.poll(assembler, samples::default_fragment_limit));
    }
    aeron.close();  // while what the handlers refer to is still there
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"file_receiver", "Receives files from file_sender, until Ctrl-C."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to receive from");
    command.stream_id("-s,--stream", options.stream_id);
    command.number("-n,--files", options.files, "End after that many files; 0: do not", 0, INT64_MAX);
    command.app()
        .add_option("folder", options.folder, "Where to put the files")
        ->check(CLI::ExistingDirectory)
        ->type_name("PATH")
        ->capture_default_str();
    return command.run(argc, argv, [&] { receive(options); });
}
