#include "cpperon/net/datagram_sender.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <netinet/udp.h>

#include "cpperon/net/native_address.hpp"
#include "cpperon/net/socket_error.hpp"

namespace cpperon::net {

namespace {

/// The kernel cuts one message into no more datagrams than this; newer ones allow 128.
constexpr std::uint32_t max_segments = 64;

/// Where in a sequence of runs the next datagram begins.
class RunCursor {
public:
    explicit RunCursor(const std::span<const DatagramRun> runs) noexcept : runs_(runs) {}

    [[nodiscard]] bool is_at_end() const noexcept { return runs_.empty(); }
    [[nodiscard]] const std::byte* data() const noexcept { return runs_.front().data + offset_; }
    [[nodiscard]] std::uint32_t segment_length() const noexcept { return runs_.front().segment_length; }

    /// The bytes that one message can take from here: one datagram, or as many as may be cut from it.
    [[nodiscard]] std::uint32_t message_length(const std::uint32_t max_offload_segment_length) const noexcept {
        const std::uint32_t segment = segment_length();
        const std::uint32_t left = runs_.front().length - offset_;
        if (segment > max_offload_segment_length || left <= segment) {
            return std::min(segment, left);
        }
        return std::min(std::min(max_segments, max_datagram_length / segment) * segment, left);
    }

    /// `length`: not beyond the run.
    void advance(const std::uint32_t length) noexcept {
        offset_ += length;
        if (offset_ == runs_.front().length) {
            runs_ = runs_.subspan(1);
            offset_ = 0;
        }
    }

private:
    std::span<const DatagramRun> runs_;
    std::uint32_t offset_ = 0;
};

}  // namespace

/// The messages of one call, on the stack. What is beyond `count` is not initialised.
class DatagramSender::Batch {
public:
    explicit Batch(const SocketAddress* const destination) noexcept
        : name_length_(destination == nullptr ? 0 : to_native(*destination, name_)) {}

    /// Takes what fits of the datagrams from `cursor` on; the cursor is passed as a copy and stays where it is.
    void fill(RunCursor cursor, const std::uint32_t max_offload_segment_length) noexcept {
        count_ = 0;
        while (count_ < capacity && !cursor.is_at_end()) {
            const std::uint32_t length = cursor.message_length(max_offload_segment_length);
            add({.data = cursor.data(), .length = length, .segment_length = cursor.segment_length()});
            cursor.advance(length);
        }
    }

    [[nodiscard]] unsigned int count() const noexcept { return count_; }
    [[nodiscard]] mmsghdr* messages() noexcept { return messages_.data(); }
    [[nodiscard]] const msghdr& first() const noexcept { return messages_[0].msg_hdr; }
    [[nodiscard]] bool is_first_segmented() const noexcept { return first().msg_control != nullptr; }
    [[nodiscard]] std::uint32_t length(const int index) const noexcept {
        return static_cast<std::uint32_t>(parts_[static_cast<std::size_t>(index)].iov_len);
    }

private:
    static constexpr unsigned int capacity = 64;

    struct alignas(cmsghdr) Control {
        std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
    };

    void add(const DatagramRun& message) noexcept {
        iovec& part = parts_[count_];
        part.iov_base = const_cast<std::byte*>(message.data);  // the system's type serves receiving as well
        part.iov_len = message.length;
        msghdr& header = messages_[count_].msg_hdr;
        header = {};
        header.msg_name = name_length_ == 0 ? nullptr : &name_;
        header.msg_namelen = name_length_;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        if (message.length > message.segment_length) {
            ask_for_segments(header, controls_[count_], static_cast<std::uint16_t>(message.segment_length));
        }
        ++count_;
    }

    static void ask_for_segments(msghdr& header, Control& control, const std::uint16_t segment_length) noexcept {
        header.msg_control = control.bytes.data();
        header.msg_controllen = control.bytes.size();
        cmsghdr* const option = CMSG_FIRSTHDR(&header);
        option->cmsg_level = SOL_UDP;
        option->cmsg_type = UDP_SEGMENT;
        option->cmsg_len = CMSG_LEN(sizeof(segment_length));
        std::memcpy(CMSG_DATA(option), &segment_length, sizeof(segment_length));
    }

    NativeAddress name_;
    socklen_t name_length_;
    unsigned int count_ = 0;
    std::array<mmsghdr, capacity> messages_;
    std::array<iovec, capacity> parts_;
    std::array<Control, capacity> controls_;
};

SendOutcome DatagramSender::send(const std::span<const DatagramRun> runs,
                                 const SocketAddress* const destination) noexcept {
    Batch batch{destination};
    RunCursor cursor{runs};
    SendOutcome outcome;
    int refusal = 0;  // what the kernel said to a message with segments, which is now tried without
    while (!cursor.is_at_end()) {
        batch.fill(cursor, refusal == 0 ? max_offload_segment_length_ : 0);
        const int taken = submit(batch);
        if (taken <= 0) {
            // After a partial batch this is the answer to its first message that was not taken.
            const int system_error = errno;
            if (is_not_now(system_error)) {
                return outcome;
            }
            if (!batch.is_first_segmented()) {
                outcome.system_error = system_error;
                return outcome;
            }
            refusal = system_error;
            continue;
        }
        if (refusal != 0) {
            // The same bytes went out in another form, so it was the form that was refused.
            on_refusal(refusal, cursor.segment_length());
            refusal = 0;
        }
        for (int i = 0; i < taken; ++i) {
            outcome.bytes_sent += batch.length(i);
            cursor.advance(batch.length(i));
        }
    }
    outcome.is_complete = true;
    return outcome;
}

int DatagramSender::submit(Batch& batch) const noexcept {
    if (batch.count() > 1) {
        return calls_.sendmmsg(descriptor_, batch.messages(), batch.count(), 0);
    }
    const msghdr& message = batch.first();
    const ssize_t sent = batch.is_first_segmented()
                             ? calls_.sendmsg(descriptor_, &message, 0)
                             : calls_.sendto(descriptor_, message.msg_iov->iov_base, message.msg_iov->iov_len, 0,
                                             static_cast<const sockaddr*>(message.msg_name), message.msg_namelen);
    return sent < 0 ? -1 : 1;
}

void DatagramSender::on_refusal(const int system_error, const std::uint32_t segment_length) noexcept {
    // EINVAL, EMSGSIZE: a datagram is too long for the device, which may still cut runs of shorter ones. Others (EIO:
    // no checksum offload) are about the device or the kernel as such.
    const bool is_about_length = system_error == EINVAL || system_error == EMSGSIZE;
    max_offload_segment_length_ = is_about_length ? segment_length - 1 : 0;
}

}  // namespace cpperon::net
