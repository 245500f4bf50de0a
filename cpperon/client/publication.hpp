/// A publication that threads and processes may share. Public; added by a client. spec: 03 §9, 07 §B.6
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>

#include "cpperon/client/exclusive_publication.hpp"
#include "cpperon/client/publication_handle.hpp"

namespace cpperon {

/// Sends messages to one stream of a channel. Publications of one driver with equal channel and stream share a session:
/// messages of all of them, from all threads, go into one log.
///
/// Threads: any number may use it at the same time, also the same handle; the messages of each thread keep their order.
/// Closing meanwhile is safe: an offer is completed or answers `closed`.
class Publication : public detail::PublicationHandle<client::PublicationState> {
public:
    using PublicationHandle::PublicationHandle;
};

/// For code that takes publications of either kind. spec: 07 §C.2
template <typename T>
concept AnyPublication = std::same_as<T, Publication> || std::same_as<T, ExclusivePublication>;

}  // namespace cpperon

template <>
struct std::hash<cpperon::Publication> {
    std::size_t operator()(const cpperon::Publication& publication) const noexcept { return publication.hash(); }
};
