/// Captures of UDP datagrams over IPv4: writing what another program shall look at, and reading what was captured from
/// one. For tests. The format is the classic one of libpcap, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cpperon::test {

struct CapturedDatagram {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::vector<std::byte> payload;
};

namespace pcap_detail {

struct FileHeader {
    std::uint32_t magic = 0xA1B2C3D4;
    std::uint16_t version_major = 2;
    std::uint16_t version_minor = 4;
    std::int32_t time_zone = 0;
    std::uint32_t accuracy = 0;
    std::uint32_t max_length = 262'144;
    std::uint32_t link_type = 1;  ///< Ethernet
};
static_assert(sizeof(FileHeader) == 24);

struct RecordHeader {
    std::uint32_t seconds = 0;
    std::uint32_t microseconds = 0;
    std::uint32_t captured_length = 0;
    std::uint32_t length = 0;
};
static_assert(sizeof(RecordHeader) == 16);

inline constexpr std::size_t ethernet_length = 14;
inline constexpr std::size_t ip_length = 20;
inline constexpr std::size_t udp_length = 8;
inline constexpr std::size_t headers_length = ethernet_length + ip_length + udp_length;

inline void put_u16(std::byte* const at, const std::size_t value) {
    at[0] = static_cast<std::byte>(value >> 8 & 0xFF);
    at[1] = static_cast<std::byte>(value & 0xFF);
}

inline std::uint16_t get_u16(const std::byte* const at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]));
}

}  // namespace pcap_detail

/// Writes datagrams from 127.0.0.1 to 127.0.0.1, one per millisecond. Checksums are left out.
class PcapWriter {
public:
    explicit PcapWriter(const std::string& path) : file_(path, std::ios::binary) { write(pcap_detail::FileHeader{}); }

    void add(const CapturedDatagram& datagram) {
        using namespace pcap_detail;  // NOLINT(google-build-using-namespace)
        std::vector<std::byte> frame(headers_length);
        put_u16(&frame[12], 0x0800);  // IPv4
        std::byte* const ip = &frame[ethernet_length];
        ip[0] = std::byte{0x45};
        put_u16(ip + 2, ip_length + udp_length + datagram.payload.size());
        ip[8] = std::byte{64};  // time to live
        ip[9] = std::byte{17};  // UDP
        for (const std::size_t address : {12U, 16U}) {
            ip[address] = std::byte{127};
            ip[address + 3] = std::byte{1};
        }
        std::byte* const udp = ip + ip_length;
        put_u16(udp, datagram.source_port);
        put_u16(udp + 2, datagram.destination_port);
        put_u16(udp + 4, udp_length + datagram.payload.size());
        frame.insert(frame.end(), datagram.payload.begin(), datagram.payload.end());

        const auto length = static_cast<std::uint32_t>(frame.size());
        write(RecordHeader{.microseconds = 1'000 * count_++, .captured_length = length, .length = length});
        file_.write(reinterpret_cast<const char*>(frame.data()), static_cast<std::streamsize>(frame.size()));
    }

    /// Call it before somebody else reads the file.
    void close() {
        file_.close();
        if (!file_) {
            throw std::runtime_error("cannot write the capture");
        }
    }

private:
    void write(const auto& header) {
        file_.write(static_cast<const char*>(static_cast<const void*>(&header)), sizeof header);
    }

    std::ofstream file_;
    std::uint32_t count_ = 0;
};

/// The UDP datagrams of a capture of Ethernet frames, in order; everything else is left out.
inline std::vector<CapturedDatagram> read_pcap(const std::string& path) {
    using namespace pcap_detail;  // NOLINT(google-build-using-namespace)
    std::ifstream file{path, std::ios::binary};
    const auto read = [&file](void* const to, const std::size_t length) {
        return static_cast<bool>(file.read(static_cast<char*>(to), static_cast<std::streamsize>(length)));
    };
    FileHeader header;
    if (!read(&header, sizeof header) || header.magic != FileHeader{}.magic || header.link_type != 1) {
        throw std::runtime_error("not a capture of Ethernet frames: " + path);
    }
    std::vector<CapturedDatagram> datagrams;
    RecordHeader record;
    while (read(&record, sizeof record)) {
        std::vector<std::byte> frame(record.captured_length);
        if (!read(frame.data(), frame.size())) {
            throw std::runtime_error("capture ends within a record: " + path);
        }
        const bool is_udp = frame.size() >= headers_length && get_u16(&frame[12]) == 0x0800 &&
                            frame[ethernet_length] == std::byte{0x45} && frame[ethernet_length + 9] == std::byte{17};
        if (!is_udp) {
            continue;
        }
        const std::byte* const udp = &frame[ethernet_length + ip_length];
        const std::size_t end = ethernet_length + ip_length + get_u16(udp + 4);
        if (end < headers_length || end > frame.size()) {
            throw std::runtime_error("datagram was not captured as a whole: " + path);
        }
        datagrams.push_back({.source_port = get_u16(udp),
                             .destination_port = get_u16(udp + 2),
                             .payload = std::vector(udp + udp_length, std::as_const(frame).data() + end)});
    }
    return datagrams;
}

}  // namespace cpperon::test
