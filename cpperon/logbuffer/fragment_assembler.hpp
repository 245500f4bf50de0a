/// Assemblers: handlers for a poll that put fragmented messages together and pass them on whole. Public; each belongs
/// to the thread that polls with it. spec: 03 §19, 07 §B.9
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "cpperon/logbuffer/buffer_builder.hpp"
#include "cpperon/logbuffer/fragment_handler.hpp"

namespace cpperon {

namespace detail {

[[nodiscard]] inline bool is_unfragmented(const Header& header) noexcept {
    return (header.flags() & logbuffer::frame_flag::unfragmented) == logbuffer::frame_flag::unfragmented;
}
[[nodiscard]] inline bool is_begin(const Header& header) noexcept {
    return (header.flags() & logbuffer::frame_flag::begin) != 0;
}
[[nodiscard]] inline bool is_end(const Header& header) noexcept {
    return (header.flags() & logbuffer::frame_flag::end) != 0;
}

/// Takes one fragment that is not a whole message; calls `handler` with the message it completes, if it does.
template <FragmentHandler Handler>
void assemble(logbuffer::BufferBuilder& builder, const std::span<const std::byte> fragment, const Header& header,
              Handler& handler) {
    if (is_begin(header)) {
        builder.begin(fragment, header);
        return;
    }
    if (!builder.is_next(header)) {
        builder.reset();
        return;
    }
    builder.append(fragment);
    if (!is_end(header)) {
        builder.expect_after(header);
        return;
    }
    // Whether the handler returns or throws, the message has been handed out: the builder waits for the next one.
    struct ResetGuard {
        logbuffer::BufferBuilder& builder;
        ~ResetGuard() { builder.reset(); }
    } const guard{builder};
    const Header message_header = builder.assembled_header(header);
    handler(builder.message(), message_header);
}

/// The same for controlled handlers. On `abort`, or a throw, the last fragment is taken back: it will be delivered
/// again, and the message with it.
template <ControlledFragmentHandler Handler>
ControlledAction assemble_controlled(logbuffer::BufferBuilder& builder, const std::span<const std::byte> fragment,
                                     const Header& header, Handler& handler) {
    if (is_begin(header)) {
        builder.begin(fragment, header);
        return ControlledAction::continue_;
    }
    if (!builder.is_next(header)) {
        builder.reset();
        return ControlledAction::continue_;
    }
    const std::size_t length_before = builder.length();
    builder.append(fragment);
    if (!is_end(header)) {
        builder.expect_after(header);
        return ControlledAction::continue_;
    }
    struct TruncateGuard {
        logbuffer::BufferBuilder& builder;
        std::size_t length_before;
        bool is_consumed = false;
        ~TruncateGuard() {
            if (is_consumed) {
                builder.reset();
            } else {
                builder.truncate(length_before);
            }
        }
    } guard{builder, length_before};
    const Header message_header = builder.assembled_header(header);
    const ControlledAction action = handler(builder.message(), message_header);
    guard.is_consumed = action != ControlledAction::abort;
    return action;
}

/// The builders of a subscription, one for each session that has sent a fragmented message.
class SessionBuilders {
public:
    explicit SessionBuilders(const std::size_t initial_capacity) noexcept : initial_capacity_(initial_capacity) {}

    /// The builder of the session; made if the fragment begins a message. Null: none, the fragment is to be dropped.
    [[nodiscard]] logbuffer::BufferBuilder* find_for(const Header& header) {
        const auto found = builders_.find(header.session_id());
        if (found != builders_.end()) {
            return &found->second;
        }
        if (!is_begin(header)) {
            return nullptr;
        }
        return &builders_.try_emplace(header.session_id(), initial_capacity_).first->second;
    }
    bool erase(const std::int32_t session_id) noexcept { return builders_.erase(session_id) > 0; }
    void clear() noexcept { builders_.clear(); }

private:
    std::size_t initial_capacity_;
    std::unordered_map<std::int32_t, logbuffer::BufferBuilder> builders_;
};

}  // namespace detail

/// For a subscription, or images of several sessions: `subscription.poll(assembler, 10)`. Whole messages are passed on
/// in place; a message of which a fragment is missing is dropped, and the next one is delivered. The handler is kept by
/// value; pass a reference wrapper or a lambda that captures a reference where it must not be copied.
///
/// A partial message that a lost image left behind is only dropped when its session sends again: call `erase` when an
/// image becomes unavailable.
template <FragmentHandler Handler>
class FragmentAssembler {
public:
    explicit FragmentAssembler(Handler message_handler, const std::size_t initial_capacity = 0)
        : handler_(std::move(message_handler)), builders_(initial_capacity) {}

    void operator()(const std::span<const std::byte> fragment, const Header& header) {
        if (detail::is_unfragmented(header)) [[likely]] {
            handler_(fragment, header);
        } else if (logbuffer::BufferBuilder* const builder = builders_.find_for(header)) {
            detail::assemble(*builder, fragment, header, handler_);
        }
    }

    /// Frees the buffer of a session; false if it had none. Not inside the handler.
    bool erase(const std::int32_t session_id) noexcept { return builders_.erase(session_id); }
    /// Frees all buffers. Not inside the handler.
    void clear() noexcept { builders_.clear(); }

    /// The one that it keeps.
    [[nodiscard]] Handler& handler() noexcept { return handler_; }

private:
    Handler handler_;
    detail::SessionBuilders builders_;
};

/// As `FragmentAssembler`, for controlled polls. On `abort` the message will be delivered again, intact.
template <ControlledFragmentHandler Handler>
class ControlledFragmentAssembler {
public:
    explicit ControlledFragmentAssembler(Handler message_handler, const std::size_t initial_capacity = 0)
        : handler_(std::move(message_handler)), builders_(initial_capacity) {}

    ControlledAction operator()(const std::span<const std::byte> fragment, const Header& header) {
        if (detail::is_unfragmented(header)) [[likely]] {
            return handler_(fragment, header);
        }
        logbuffer::BufferBuilder* const builder = builders_.find_for(header);
        return builder == nullptr ? ControlledAction::continue_
                                  : detail::assemble_controlled(*builder, fragment, header, handler_);
    }

    /// Frees the buffer of a session; false if it had none. Not inside the handler.
    bool erase(const std::int32_t session_id) noexcept { return builders_.erase(session_id); }
    /// Frees all buffers. Not inside the handler.
    void clear() noexcept { builders_.clear(); }

    /// The one that it keeps.
    [[nodiscard]] Handler& handler() noexcept { return handler_; }

private:
    Handler handler_;
    detail::SessionBuilders builders_;
};

/// For exactly one image: no look-up of the session.
template <FragmentHandler Handler>
class ImageFragmentAssembler {
public:
    explicit ImageFragmentAssembler(Handler message_handler, const std::size_t initial_capacity = 0)
        : handler_(std::move(message_handler)), builder_(initial_capacity) {}

    void operator()(const std::span<const std::byte> fragment, const Header& header) {
        if (detail::is_unfragmented(header)) [[likely]] {
            handler_(fragment, header);
        } else {
            detail::assemble(builder_, fragment, header, handler_);
        }
    }

    /// Forgets a partial message, keeps the buffer. Not inside the handler.
    void reset() noexcept { builder_.reset(); }

    /// The one that it keeps.
    [[nodiscard]] Handler& handler() noexcept { return handler_; }

private:
    Handler handler_;
    logbuffer::BufferBuilder builder_;
};

/// As `ImageFragmentAssembler`, for controlled polls. On `abort` the message will be delivered again, intact.
template <ControlledFragmentHandler Handler>
class ControlledImageFragmentAssembler {
public:
    explicit ControlledImageFragmentAssembler(Handler message_handler, const std::size_t initial_capacity = 0)
        : handler_(std::move(message_handler)), builder_(initial_capacity) {}

    ControlledAction operator()(const std::span<const std::byte> fragment, const Header& header) {
        if (detail::is_unfragmented(header)) [[likely]] {
            return handler_(fragment, header);
        }
        return detail::assemble_controlled(builder_, fragment, header, handler_);
    }

    /// Forgets a partial message, keeps the buffer. Not inside the handler.
    void reset() noexcept { builder_.reset(); }

    /// The one that it keeps.
    [[nodiscard]] Handler& handler() noexcept { return handler_; }

private:
    Handler handler_;
    logbuffer::BufferBuilder builder_;
};

}  // namespace cpperon
