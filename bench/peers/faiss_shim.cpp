// FAISS's exact binary indexes behind five C functions, for the benchmarks' index command; how it is built is in
// bench/README.md. It compiles against Debian's libfaiss-dev and against FAISS's own head.

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <malloc.h>
#include <omp.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#ifndef PEER
#define PEER "FAISS"
#endif

#define SHIM extern "C" __attribute__((visibility("default")))

namespace {

constexpr int kBits = 256;
constexpr int kBytes = kBits / 8;

int64_t allocated() {
    struct mallinfo2 info = mallinfo2();
    return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

struct Peer {
    std::unique_ptr<faiss::IndexBinary> index;
    faiss::IndexBinaryFlat* flat = nullptr;
    int64_t before = 0;
};

}  // namespace

// What it was built from, for the table.
SHIM const char* peer_name() {
    return PEER;
}

// kind 0: IndexBinaryFlat for exactly `rows` hashes. kind 1: IndexBinaryMultiHash(256, 16, 16) with one flip, exact up
// to distance 31. Null when it fails.
SHIM void* peer_create(int kind, int64_t rows) {
    try {
        auto peer = std::make_unique<Peer>();
        peer->before = allocated();
        if (kind == 0) {
            auto flat = std::make_unique<faiss::IndexBinaryFlat>(kBits);
            flat->xb.resize(static_cast<size_t>(rows) * kBytes);
            peer->flat = flat.get();
            peer->index = std::move(flat);
        } else {
            auto multi = std::make_unique<faiss::IndexBinaryMultiHash>(kBits, 16, 16);
            multi->nflip = 1;
            peer->index = std::move(multi);
        }
        return peer.release();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "peer_create: %s\n", e.what());
        return nullptr;
    }
}

// Adds hashes of 32 bytes behind the last. 0, or -1 when it fails.
SHIM int peer_add(void* handle, const uint8_t* hashes, int64_t count) {
    try {
        auto* peer = static_cast<Peer*>(handle);
        omp_set_num_threads(1);
        if (peer->flat != nullptr) {
            // Into the room that is there: add() would double a vector of gigabytes.
            std::memcpy(peer->flat->xb.data() + peer->flat->ntotal * kBytes, hashes, count * kBytes);
            peer->flat->ntotal += count;
        } else {
            peer->index->add(count, hashes);
        }
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "peer_add: %s\n", e.what());
        return -1;
    }
}

// Bytes of malloc'ed memory since it was created.
SHIM int64_t peer_bytes(void* handle) {
    return allocated() - static_cast<Peer*>(handle)->before;
}

// All hashes within `max_distance`, inclusive, by range_search on this thread alone. Answers how many there are, of
// which at most `room` are written; -1 when it fails.
SHIM int64_t peer_find(
        void* handle, const uint8_t* query, int max_distance, int64_t room, int64_t* rows, int32_t* distances) {
    try {
        auto* peer = static_cast<Peer*>(handle);
        omp_set_num_threads(1);
        faiss::RangeSearchResult result(1);
        // FAISS's radius is exclusive.
        peer->index->range_search(1, query, max_distance + 1, &result);
        const int64_t count = static_cast<int64_t>(result.lims[1] - result.lims[0]);
        for (int64_t i = 0; i < count && i < room; i++) {
            rows[i] = result.labels[i];
            distances[i] = static_cast<int32_t>(result.distances[i]);
        }
        return count;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "peer_find: %s\n", e.what());
        return -1;
    }
}

SHIM void peer_free(void* handle) {
    delete static_cast<Peer*>(handle);
}
