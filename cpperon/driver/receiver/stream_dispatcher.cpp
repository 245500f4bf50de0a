#include "cpperon/driver/receiver/stream_dispatcher.hpp"

namespace cpperon::driver {

StreamDispatcher::Stream* StreamDispatcher::find(const std::int32_t stream_id) noexcept {
    const auto stream = streams_.find(stream_id);
    return stream == streams_.end() ? nullptr : &stream->second;
}

StreamDispatcher::DataVerdict StreamDispatcher::on_data(const StreamSession& id, const bool is_end_of_stream,
                                                        const std::int64_t now_ns) {
    Stream* const stream = find(id.stream_id);
    if (stream == nullptr) {
        return {};
    }
    if (const auto image = stream->images.find(id.session_id); image != stream->images.end()) {
        return {.image = image->second};
    }
    // The last heartbeats of a closed stream must not bring it back to life.
    if (is_end_of_stream || !stream->wants(id.session_id) || stream->sessions.contains(id.session_id) ||
        pending_setups_.size() == max_pending_setups) {
        return {};
    }
    stream->sessions.emplace(id.session_id, Session{.state = State::pending_setup, .since_ns = now_ns});
    pending_setups_.push_back({.id = id, .since_ns = now_ns});
    return {.elicits_setup = true};
}

StreamDispatcher::SetupVerdict StreamDispatcher::on_setup(const StreamSession& id) {
    Stream* const stream = find(id.stream_id);
    if (stream == nullptr) {
        return {};
    }
    if (stream->images.size() >= static_cast<std::size_t>(session_limit_)) {
        return {.action = SetupAction::refuse};
    }
    if (const auto image = stream->images.find(id.session_id); image != stream->images.end()) {
        return {.action = SetupAction::refresh, .image = image->second};
    }
    if (!stream->wants(id.session_id) || images_in_progress_ == max_images_in_progress) {
        return {};
    }
    const auto [session, is_new] = stream->sessions.try_emplace(id.session_id);
    if (!is_new && session->second.state != State::pending_setup) {
        return {};
    }
    session->second.state = State::init_in_progress;
    ++images_in_progress_;
    return {.action = SetupAction::create, .was_elicited = !is_new};
}

ImageReceiver* StreamDispatcher::find_image(const StreamSession& id) const noexcept {
    const auto stream = streams_.find(id.stream_id);
    if (stream == streams_.end()) {
        return nullptr;
    }
    const auto image = stream->second.images.find(id.session_id);
    return image == stream->second.images.end() ? nullptr : image->second;
}

void StreamDispatcher::expire_pending_setups(const std::int64_t now_ns) {
    while (!pending_setups_.empty() && now_ns > pending_setups_.front().since_ns + pending_setup_timeout_ns) {
        const PendingSetup pending = pending_setups_.front();
        pending_setups_.pop_front();
        Stream* const stream = find(pending.id.stream_id);
        if (stream == nullptr) {
            continue;
        }
        const auto session = stream->sessions.find(pending.id.session_id);
        // It may have got its SETUP, or be pending anew.
        if (session != stream->sessions.end() && session->second.state == State::pending_setup &&
            session->second.since_ns == pending.since_ns) {
            stream->sessions.erase(session);
        }
    }
}

void StreamDispatcher::add_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    Stream& stream = streams_[stream_id];
    if (session_id) {
        stream.wanted.insert(*session_id);
    } else {
        stream.wants_all = true;
    }
}

void StreamDispatcher::remove_interest(const std::int32_t stream_id, const std::optional<SessionId> session_id) {
    Stream* const stream = find(stream_id);
    if (stream == nullptr) {
        return;
    }
    if (session_id) {
        stream->wanted.erase(*session_id);
    } else {
        stream->wants_all = false;
    }
    drop_unwanted(*stream);
    if (!stream->wants_all && stream->wanted.empty()) {
        streams_.erase(stream_id);
    }
}

void StreamDispatcher::drop_unwanted(Stream& stream) {
    std::erase_if(stream.images, [&](const auto& image) { return !stream.wants(image.first); });
    for (auto session = stream.sessions.begin(); session != stream.sessions.end();) {
        const auto next = std::next(session);
        if (!stream.wants(session->first)) {
            forget(stream, session);
        }
        session = next;
    }
}

bool StreamDispatcher::add_image(const StreamSession& id, ImageReceiver& image) {
    Stream* const stream = find(id.stream_id);
    if (stream == nullptr || !stream->wants(id.session_id)) {
        return false;
    }
    if (const auto session = stream->sessions.find(id.session_id); session != stream->sessions.end()) {
        forget(*stream, session);
    }
    stream->images[id.session_id] = &image;
    return true;
}

void StreamDispatcher::remove_image(const StreamSession& id, const ImageReceiver& image, const bool has_ended) {
    if (find_image(id) != &image) {
        return;
    }
    Stream& stream = *find(id.stream_id);
    stream.images.erase(id.session_id);
    if (!has_ended) {
        stream.sessions.insert_or_assign(id.session_id, Session{.state = State::cool_down});
    }
}

void StreamDispatcher::clear(const StreamSession& id, const State state) {
    Stream* const stream = find(id.stream_id);
    if (stream == nullptr) {
        return;
    }
    if (const auto session = stream->sessions.find(id.session_id);
        session != stream->sessions.end() && session->second.state == state) {
        forget(*stream, session);
    }
}

void StreamDispatcher::forget(Stream& stream, const std::unordered_map<SessionId, Session>::iterator session) noexcept {
    if (session->second.state == State::init_in_progress) {
        --images_in_progress_;
    }
    stream.sessions.erase(session);
}

}  // namespace cpperon::driver
