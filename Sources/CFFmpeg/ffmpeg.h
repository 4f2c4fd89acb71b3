#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

// FFmpeg's function-like macros, which Swift cannot see.
static inline int cff_error_again(void) { return AVERROR(EAGAIN); }
static inline int cff_error_end(void) { return AVERROR_EOF; }
