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

// swscale's context, a struct that Swift never looks into: it is opaque in some releases of FFmpeg
// and public in others, which Swift would import as different types.
typedef struct {
  struct SwsContext *raw;
} cff_scaler;

// A scaler from a pixel format to RGB24 of the same size; raw is null when there is none.
static inline cff_scaler cff_scaler_to_rgb(int width, int height, int format) {
  return (cff_scaler){sws_getContext(width, height, (enum AVPixelFormat)format, width, height,
                                     AV_PIX_FMT_RGB24, SWS_BICUBIC, NULL, NULL, NULL)};
}
