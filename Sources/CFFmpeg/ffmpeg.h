#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

// FFmpeg's function-like macros, which Swift cannot see.
static inline int cff_error_again(void) { return AVERROR(EAGAIN); }
static inline int cff_error_end(void) { return AVERROR_EOF; }
static inline int cff_error_memory(void) { return AVERROR(ENOMEM); }
static inline int64_t cff_no_time(void) { return AV_NOPTS_VALUE; }

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

// A scaler from RGB24 to a pixel format of the same size; raw is null when there is none.
static inline cff_scaler cff_scaler_from_rgb(int width, int height, int format) {
  return (cff_scaler){sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height,
                                     (enum AVPixelFormat)format, SWS_BICUBIC, NULL, NULL, NULL)};
}

// Gives a frame of a format the pixels of another of the same size; negative where that cannot be.
static inline int cff_convert(const AVFrame *from, AVFrame *to) {
  to->width = from->width;
  to->height = from->height;
  int status = av_frame_get_buffer(to, 0);
  if (status < 0) return status;
  struct SwsContext *scaler =
      sws_getContext(from->width, from->height, (enum AVPixelFormat)from->format, to->width,
                     to->height, (enum AVPixelFormat)to->format, SWS_BICUBIC, NULL, NULL, NULL);
  if (!scaler) return AVERROR(EINVAL);
  status = sws_scale(scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
                     to->data, to->linesize);
  sws_freeContext(scaler);
  return status == from->height ? 0 : AVERROR_EXTERNAL;
}

// What a stream says beside its parameters moved into them with FFmpeg 6.1.
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 16, 100)
#define CFF_SIDE_DATA_IN_STREAM 1
#endif

// The degrees, counterclockwise, that a stream's display matrix says; NaN for one that says none, 0 without one.
static inline double cff_rotation(const AVStream *stream) {
#ifdef CFF_SIDE_DATA_IN_STREAM
  const uint8_t *matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
#else
  const AVPacketSideData *side = av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const uint8_t *matrix = side ? side->data : NULL;
#endif
  return matrix ? av_display_rotation_get((const int32_t *)matrix) : 0;
}

// Gives a stream what another says beside its parameters; those are copied already. Negative where memory is out.
static inline int cff_copy_side_data(AVStream *to, const AVStream *from) {
#ifdef CFF_SIDE_DATA_IN_STREAM
  for (int i = 0; i < from->nb_side_data; i++) {
    const AVPacketSideData *side = &from->side_data[i];
    uint8_t *data = av_stream_new_side_data(to, side->type, side->size);
    if (!data) return AVERROR(ENOMEM);
    memcpy(data, side->data, side->size);
  }
#else
  (void)to, (void)from;
#endif
  return 0;
}

// Whether two streams say the same beside their parameters.
static inline int cff_same_side_data(const AVStream *a, const AVStream *b) {
#ifdef CFF_SIDE_DATA_IN_STREAM
  const AVPacketSideData *x = a->side_data, *y = b->side_data;
  int n = a->nb_side_data, m = b->nb_side_data;
#else
  const AVPacketSideData *x = a->codecpar->coded_side_data, *y = b->codecpar->coded_side_data;
  int n = a->codecpar->nb_coded_side_data, m = b->codecpar->nb_coded_side_data;
#endif
  if (n != m) return 0;
  for (int i = 0; i < n; i++) {
    int found = 0;
    for (int j = 0; j < m; j++)
      found |= x[i].type == y[j].type && x[i].size == y[j].size && !memcmp(x[i].data, y[j].data, x[i].size);
    if (!found) return 0;
  }
  return 1;
}
