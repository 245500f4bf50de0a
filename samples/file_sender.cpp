/// Sends a file to the file receivers of a stream: claims space for each piece and reads the file into it, so that the
/// bytes are copied once. spec: 07 §H.4

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "cpperon/cpperon.hpp"
#include "samples/command.hpp"
#include "samples/file_transfer.hpp"
#include "samples/reports.hpp"

namespace {

constexpr std::chrono::seconds patience{10};

struct Options {
    std::optional<std::string> directory;
    std::string channel = samples::default_channel;
    std::int32_t stream_id = samples::default_stream_id;
    std::string file;
};

/// Room for one message. The claim is aborted if what follows throws.
cpperon::BufferClaim claim(const cpperon::ExclusivePublication& publication, const std::size_t length) {
    cpperon::BufferClaim claim = cpperon::claim_until_taken(publication, length, patience);
    if (!claim) {
        throw cpperon::OfferError{claim.result()};
    }
    return claim;
}

void send_file(const cpperon::ExclusivePublication& publication, const std::int64_t correlation_id,
               const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    const std::string name = std::filesystem::path{path}.filename().string();
    const auto file_length = static_cast<std::int64_t>(std::filesystem::file_size(path));

    const samples::FileStart start{.correlation_id = correlation_id, .file_length = file_length, .name = name};
    cpperon::BufferClaim start_claim = claim(publication, samples::encoded_length(start));
    samples::encode(start, start_claim.data());
    start_claim.commit();

    const auto max_chunk_length =
        static_cast<std::int64_t>(publication.max_payload_length()) - std::int64_t{samples::file_chunk_header_length};
    for (std::int64_t offset = 0; offset < file_length && !samples::is_stop_requested();) {
        const std::int64_t length = std::min(max_chunk_length, file_length - offset);
        cpperon::BufferClaim chunk_claim =
            claim(publication, samples::file_chunk_header_length + static_cast<std::size_t>(length));
        const auto room = chunk_claim.data().subspan(samples::file_chunk_header_length);
        if (!file.read(reinterpret_cast<char*>(room.data()), length)) {
            throw std::runtime_error(
                fmt::format("cannot read {} bytes at {} of '{}': was it cut meanwhile?", length, offset, path));
        }
        samples::encode_header({.correlation_id = correlation_id, .offset = offset, .bytes = room}, chunk_claim.data());
        chunk_claim.commit();
        offset += length;
    }
    fmt::print("sent {} bytes as '{}'\n", file_length, name);
}

void run(const Options& options) {
    auto aeron = cpperon::Aeron::connect({.directory = options.directory, .client_name = "file sender"});
    const auto publication = aeron.add_exclusive_publication(options.channel, options.stream_id);
    samples::report_ready("Sending", publication);
    if (!cpperon::await_connected(publication, patience)) {
        throw std::runtime_error(fmt::format("nobody receives {}, stream {}, within {} s: start file_receiver first",
                                             options.channel, options.stream_id, patience.count()));
    }
    send_file(publication, aeron.next_correlation_id(), options.file);
    // Closing does not cut the stream short: the driver goes on until receivers have what was sent.
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    samples::Command command{"file_sender", "Sends a file to file_receiver."};
    command.directory(options.directory);
    command.channel("-c,--channel", options.channel, "Channel to send on");
    command.stream_id("-s,--stream", options.stream_id);
    command.app().add_option("file", options.file, "The file")->required()->check(CLI::ExistingFile)->type_name("PATH");
    return command.run(argc, argv, [&] { run(options); });
}
